using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts;

/// <summary>Whoever adds or removes a factor of an account has shown the one that it has: a password alone is not to make a passkey or an
/// authenticator that outweighs those.</summary>
internal static class FullSignIn
{
    // A passkey that this very session has added is no older than it; ids are in the order of time.
    private const string Sql = """
        SELECT a."Properties", u."TwoFactorEnabled" OR EXISTS (SELECT 1 FROM "Passkeys" p WHERE p."AccountId"=u."Id" AND p."Id"<a."Id")
        FROM "OpenIddictAuthorizations" a CROSS JOIN "AspNetUsers" u WHERE a."Id"=@p1 AND u."Id"=@p0
        """;

    /// <summary>Whether the owner's session was begun with two factors, or its account had but one when it began.</summary>
    public static bool Is(Statements s, Owner owner) =>
        s.First(Sql, r => new Found(SessionProperties.Of(Row.TextOrNull(r, 0)).Methods, r.GetBoolean(1)), owner.AccountId, owner.SessionId)
            is not { } found || !found.HasFactor || SignInMethods.AreTwoFactors(found.Methods);

    private sealed record Found(string[] Methods, bool HasFactor);
}
