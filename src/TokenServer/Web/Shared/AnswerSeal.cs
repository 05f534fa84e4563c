using System.IO.Compression;
using Microsoft.AspNetCore.DataProtection;
using TokenServer.SignIns;

namespace TokenServer.Web.Shared;

/// <summary>Seals the answers of forms for the time that they are kept, and opens each for whom it was made.</summary>
internal sealed class AnswerSeal(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("FormAnswer");

    public string Seal(FormAnswer answer)
    {
        using var small = new MemoryStream();
        using (var packed = new BrotliStream(small, CompressionLevel.Fastest))
            JsonSerializer.Serialize(packed, answer, FormAnswerJson.Default.FormAnswer);
        return Base64Url.EncodeToString(protector.Protect(small.ToArray()));
    }

    /// <summary>The answer; null where it was another account's page, or its seal is gone.</summary>
    public FormAnswer? Open(HttpContext http, string text)
    {
        byte[] content;
        try
        {
            content = protector.Unprotect(Base64Url.DecodeFromChars(text));
        }
        catch (CryptographicException)
        {
            return null;
        }
        using var packed = new BrotliStream(new MemoryStream(content), CompressionMode.Decompress);
        var answer = JsonSerializer.Deserialize(packed, FormAnswerJson.Default.FormAnswer)!;
        // Signed out, or in for the first time: a redirect says nothing of anybody.
        return answer.Account == http.FindVisitor()?.Account.Id || answer.IsRedirect ? answer : null;
    }
}
