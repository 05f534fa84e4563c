using System.Text;
using System.Xml.Linq;

namespace TokenServer.Protection;

/// <summary>Seals the secrets of a stored Data Protection key anew: those in the clear, and those under a former master key.</summary>
internal static class KeySealing
{
    private static readonly XNamespace DataProtection = "http://schemas.asp.net/2015/03/dataProtection";

    /// <summary>The key with its secrets under the first master key.</summary>
    /// <exception cref="Hosting.SettingException">A secret is sealed under a master key that is not there any more.</exception>
    public static XElement Sealed(XElement key, MasterKey master)
    {
        var sealedKey = new XElement(key);
        var encryptor = new MasterKeyEncryptor(master);
        foreach (var secret in sealedKey.DescendantsAndSelf().Where(IsInTheClear).ToList()) secret.ReplaceWith(Wrapped(encryptor, Bare(secret)));
        foreach (var wrapped in sealedKey.DescendantsAndSelf(DataProtection + "encryptedSecret").Where(e => IsUnderFormer(e, master)).ToList())
            wrapped.ReplaceWith(Wrapped(encryptor, XElement.Parse(Encoding.UTF8.GetString(master.Open(Convert.FromBase64String(wrapped.Value))))));
        return sealedKey;
    }

    /// <summary>Whether <see cref="Sealed"/> would change anything.</summary>
    public static bool IsDue(XElement key, MasterKey master) =>
        master.IsSet && key.DescendantsAndSelf().Any(e => IsInTheClear(e) || e.Name == DataProtection + "encryptedSecret" && IsUnderFormer(e, master));

    private static bool IsInTheClear(XElement element) => (bool?)element.Attribute(DataProtection + "requiresEncryption") == true;

    private static bool IsUnderFormer(XElement wrapped, MasterKey master) =>
        wrapped.Attribute("decryptorType")?.Value == typeof(MasterKeyDecryptor).AssemblyQualifiedName && !master.IsUnderFirst(Convert.FromBase64String(wrapped.Value));

    private static XElement Bare(XElement secret)
    {
        var bare = new XElement(secret);
        bare.Attribute(DataProtection + "requiresEncryption")!.Remove();
        bare.Nodes().OfType<XComment>().Remove();
        return bare;
    }

    private static XElement Wrapped(MasterKeyEncryptor encryptor, XElement secret)
    {
        var sealedSecret = encryptor.Encrypt(secret);
        return new XElement(DataProtection + "encryptedSecret", new XAttribute("decryptorType", sealedSecret.DecryptorType.AssemblyQualifiedName!), sealedSecret.EncryptedElement);
    }
}
