using System.Net;
using System.Text.RegularExpressions;
using TokenServer.Accounts;
using TokenServer.Accounts.Passkeys;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Passkeys;

/// <summary>A server that is known by a name, and a browser's way through its pages with a passkey.</summary>
internal static class PasskeyVisits
{
    public const string Name = "id.example.com", Origin = "https://id.example.com", Page = "/account/passkeys";
    public static readonly string[] Named = [.. FaceRequests.NoLimits, $"--TokenServer:Issuer={Origin}"];

    public static Task<TestServer> StartAsync(params string[] settings) => TestServer.StartAsync([.. Named, .. settings]);

    /// <summary>What a page carries for the browser, and the sealed challenge beside it.</summary>
    public static (string Options, string Ceremony) Offer(this Answer page)
    {
        page.Body.Should().Contain("data-passkey=");
        return (Of("data-options=\"([^\"]+)\""), Of("name=\"ceremony\" value=\"([^\"]+)\""));

        string Of(string pattern) => WebUtility.HtmlDecode(Regex.Match(page.Body, pattern).Groups[1].Value);
    }

    /// <summary>Adds a passkey on its page.</summary>
    public static async Task<Answer> AddAsync(this Browser browser, SoftPasskey passkey, string name = "Phone")
    {
        var (options, ceremony) = (await browser.GetAsync(Page)).Offer();
        return await browser.PostAsync(Page, ("name", name), ("credential", passkey.Make(options)), ("ceremony", ceremony));
    }

    /// <summary>The form that a page would send with the passkey.</summary>
    public static (string, string)[] Form(this Answer page, SoftPasskey passkey, string returnPath = "/account")
    {
        var (options, ceremony) = page.Offer();
        return [("credential", passkey.Show(options)), ("ceremony", ceremony), ("return", returnPath)];
    }

    /// <summary>Signs in by the passkey, from the sign-in page.</summary>
    public static async Task<Answer> SignInAsync(this Browser browser, SoftPasskey passkey, string returnPath = "/account") =>
        await browser.PostAsync("/account/sign-in/passkey", (await browser.GetAsync("/account/sign-in")).Form(passkey, returnPath));

    /// <summary>A passkey of the user, added on its page.</summary>
    /// <param name="server">The server.</param>
    /// <param name="user">The user.</param>
    /// <param name="isSynced">Whether a provider keeps it.</param>
    /// <param name="count">Where its counter stands.</param>
    /// <param name="by">The passkey that the user has and signs in with; null: with the password.</param>
    public static async Task<SoftPasskey> PasskeyAsync(
        this TestServer server, string user = "bob", bool isSynced = false, uint count = 0, SoftPasskey? by = null)
    {
        var passkey = new SoftPasskey { IsSynced = isSynced, Count = count };
        using var browser = by is null ? await Browser.OfAsync(server, user) : new Browser(server);
        if (by is not null) (await browser.SignInAsync(by)).ShouldGoTo("/account");
        (await browser.AddAsync(passkey)).ShouldGoTo(Page, "PasskeyAdded");
        (await browser.PostAsync("/account/sign-out")).Status.Should().Be(303);
        return passkey;
    }

    /// <summary>A passkey's row, for who does not sign in with it; its id.</summary>
    public static Task<string> InsertPasskeyAsync(this TestServer server, string user, string name = "Phone") => server.Get<Database>().WriteAsync(s =>
    {
        long id = server.Get<TimeOrderedId>().Next();
        s.Execute("""
            INSERT INTO "Passkeys" ("Id", "AccountId", "CredentialId", "PublicKey", "SignCount", "Name", "IsSynced", "Transports", "CreatedAt")
            VALUES (@p0, @p1, @p2, 'AAAA', 0, @p3, @p4, '', @p5)
            """, id, UserAccounts.FindByLogin(s, user)!.Id, System.Buffers.Text.Base64Url.EncodeToString(BitConverter.GetBytes(id)), name, true,
            server.Clock.GetUtcNow().UtcDateTime);
        return TimeOrderedId.ToText(id);
    });

    /// <summary>A passkey that the user has had for longer than any session.</summary>
    public static Task InsertPasskeyOfBeforeAsync(this TestServer server, string user) => server.Get<Database>().WriteAsync(s => s.Execute("""
        INSERT INTO "Passkeys" ("Id", "AccountId", "CredentialId", "PublicKey", "SignCount", "Name", "IsSynced", "Transports", "CreatedAt")
        VALUES (1, @p0, 'BBBB', 'AAAA', 0, 'Old', @p1, '', @p2)
        """, UserAccounts.FindByLogin(s, user)!.Id, true, server.Clock.GetUtcNow().UtcDateTime));

    public static IReadOnlyList<Passkey> PasskeysOf(this TestServer server, string user) =>
        server.Get<UserPasskeys>().Of(server.Get<UserAccounts>().FindByLogin(user)!.Id);

    public static IReadOnlyList<OpenSession> SessionsOf(this TestServer server, string user) =>
        server.Get<OpenSessions>().Of(server.Get<UserAccounts>().FindByLogin(user)!.Id);

    /// <summary>What the audit trail says of a kind of event, newest last.</summary>
    public static IReadOnlyList<string> Details(this TestServer server, string happened) => server.Get<Database>().Read(s => s.All(
        """SELECT coalesce("Target", '-') || ' ' || coalesce("Detail", '-') FROM "Audit" WHERE "Event"=@p0 ORDER BY "Id" """, r => r.GetString(0), happened));
}
