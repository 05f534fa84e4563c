using Microsoft.AspNetCore.DataProtection;
using TokenServer.SignIns;

namespace TokenServer.Web.Console.Tokens;

/// <summary>A token that was pasted, on its way through the page that explains it to the form that revokes it: sealed, and good for the
/// session alone that pasted it. No page shows it, and no address has it.</summary>
internal sealed class PastedTokens(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("PastedToken");

    public string Seal(Visitor visitor, string token) => protector.Protect($"{visitor.Session.Id}\n{token}");

    /// <summary>The token; null where it was sealed for another session, or is not ours.</summary>
    public string? Open(Visitor visitor, string? given)
    {
        if (given is null) return null;
        try
        {
            string[] parts = protector.Unprotect(given).Split('\n', 2);
            return parts is [var session, var token] && session == visitor.Session.Id.ToString(CultureInfo.InvariantCulture) ? token : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
