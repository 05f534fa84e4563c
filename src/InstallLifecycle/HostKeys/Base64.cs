namespace InstallLifecycle.HostKeys;

/// <summary>Base64 (RFC 4648 section 4) in the one way to write it: with padding, without blanks, unused bits 0.</summary>
internal static class Base64
{
    /// <summary>The bytes; null where the text is none.</summary>
    public static byte[]? Decode(string text)
    {
        byte[] bytes = new byte[text.Length / 4 * 3];
        return Convert.TryFromBase64String(text, bytes, out int length) && Convert.ToBase64String(bytes, 0, length) == text
            ? bytes[..length] : null;
    }
}
