using TokenServer.Foundation;

namespace TokenServer.Protection;

/// <summary>The operator's key, from outside the database and the data directory, that seals the Data Protection keys in a database that
/// replicas share: 32 bytes as base64 (<c>openssl rand -base64 32</c>). Of several, one a line, the first seals and all open.</summary>
internal sealed class MasterKey
{
    private const string Setting = "TokenServer:MasterKey";
    private const int KeySize = 32, NonceSize = 12, TagSize = 16;
    private readonly byte[][] keys;

    /// <exception cref="SettingException">A key is not base64 of 32 bytes, or its file cannot be read.</exception>
    public MasterKey(TokenServerOptions options, DataDirectory directory)
    {
        bool fromFile = !string.IsNullOrEmpty(options.MasterKeyFile);
        if (fromFile && !string.IsNullOrEmpty(options.MasterKey))
            throw new SettingException(Setting, "it and TokenServer:MasterKeyFile are both set");
        string text = fromFile ? ReadFile(directory.Resolve(options.MasterKeyFile!)) : options.MasterKey ?? "";
        keys = [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Parse(line, fromFile ? Setting + "File" : Setting))];
        if (fromFile && keys.Length == 0) throw new SettingException(Setting + "File", "the file is empty");
    }

    /// <summary>Whether there is one.</summary>
    public bool IsSet => keys.Length > 0;

    /// <summary>AES-256-GCM under the first key: nonce, tag, ciphertext.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain)
    {
        byte[] sealedText = new byte[NonceSize + TagSize + plain.Length];
        Span<byte> nonce = sealedText.AsSpan(0, NonceSize), tag = sealedText.AsSpan(NonceSize, TagSize),
            cipher = sealedText.AsSpan(NonceSize + TagSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(keys[0], TagSize);
        aes.Encrypt(nonce, plain, cipher, tag);
        return sealedText;
    }

    /// <summary>What <see cref="Seal"/> was given, under any of the keys.</summary>
    /// <exception cref="SettingException">None of them sealed it.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedText)
    {
        if (!IsSet) throw new SettingException(Setting, "the Data Protection keys are sealed under one, and none is set");
        if (sealedText.Length < NonceSize + TagSize) throw new SettingException(Setting, "a stored Data Protection key is cut off");
        byte[] plain = new byte[sealedText.Length - NonceSize - TagSize];
        foreach (byte[] key in keys)
            if (TryOpen(key, sealedText, plain)) return plain;
        throw new SettingException(Setting,
            "it does not open the stored Data Protection keys; keep the former key on a second line of the file");
    }

    /// <summary>Whether the first key sealed it.</summary>
    public bool IsUnderFirst(ReadOnlySpan<byte> sealedText) =>
        sealedText.Length >= NonceSize + TagSize && TryOpen(keys[0], sealedText, new byte[sealedText.Length - NonceSize - TagSize]);

    private static bool TryOpen(byte[] key, ReadOnlySpan<byte> sealedText, byte[] plain)
    {
        try
        {
            using var aes = new AesGcm(key, TagSize);
            aes.Decrypt(sealedText[..NonceSize], sealedText[(NonceSize + TagSize)..], sealedText.Slice(NonceSize, TagSize), plain);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static byte[] Parse(string line, string setting)
    {
        byte[] key = new byte[KeySize + 1];
        if (!Convert.TryFromBase64String(line, key, out int length) || length != KeySize)
            throw new SettingException(setting, "it must be base64 of 32 bytes (openssl rand -base64 32)");
        return key[..KeySize];
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(Setting + "File", $"{path} cannot be read: {e.Message}", e);
        }
    }
}
