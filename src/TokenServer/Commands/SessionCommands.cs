using System.CommandLine;
using TokenServer.Accounts;
using TokenServer.Accounts.Explaining;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Commands;

/// <summary><c>TokenServer session list|end|end-all</c> and <c>TokenServer token explain|revoke</c>.</summary>
internal static class SessionCommands
{
    private const int Shown = 1_000;

    public static Command Create()
    {
        var command = new Command("session", "List and end sessions");
        command.Subcommands.Add(List());
        command.Subcommands.Add(End());
        command.Subcommands.Add(EndAll());
        return command;
    }

    public static Command CreateToken()
    {
        var command = new Command("token", "Explain or revoke a token of any kind; it is read from standard input");
        command.Subcommands.Add(Explain());
        command.Subcommands.Add(
            CommandLine.Make("revoke", "End whatever a token stands for; it is read from standard input", async (_, services) =>
            {
                if (SecretInput.Read("Token: ") is not { Length: > 0 } token)
                    return await CommandLine.FailAsync("a token is expected on standard input");
                if (await services.GetRequiredService<AnyTokenRevocation>().RevokeAsync(token, CommandLine.Actor) is not { } use)
                    return await CommandLine.FailAsync("this is no token that is alive");
                Console.WriteLine($"the {use} token is revoked");
                return CommandLine.Done;
            }));
        return command;
    }

    private static Command Explain() => CommandLine.Make("explain",
        "Say what a text is that this server may have given out, and why it is not good; it is read from standard input",
        async (_, services) =>
        {
            if (SecretInput.Read("Token: ") is not { Length: > 0 } token)
                return await CommandLine.FailAsync("a token is expected on standard input");
            var found = await services.GetRequiredService<TokenExplanations>().ExplainAsync(token);
            Console.WriteLine($"kind\t{found.Kind}\nactive\t{(found.IsActive ? "yes" : "no")}");
            foreach (var (check, since, by) in found.Reasons)
                Console.WriteLine($"reason\t{check}\t{Timestamps.Of(since) ?? "-"}\t{by ?? "-"}");
            string? session = found.Facts.SessionId is { } id ? TimeOrderedId.ToText(id) : null;
            foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("subject", found.Facts.Subject),
                ("client_id", found.Facts.ClientId), ("session", session), ("expires_at", Timestamps.Of(found.Facts.ExpiresAt))])
                if (value is not null) Console.WriteLine($"{name}\t{value}");
            return CommandLine.Done;
        });

    private static Command EndAll() =>
        CommandLine.Make(
        "end-all", "End every session of everybody and replace the signing keys: after the database went back to an earlier state",
        async (_, services) =>
        {
            int ended = await services.GetRequiredService<EverySession>().EndAsync(CommandLine.Actor);
            Console.WriteLine($"{ended} sessions are ended, and every access token issued before now is dead");
            return CommandLine.Done;
        });

    private static Command List()
    {
        var user = new Option<string?>("--user") { Description = "only this user's: user name or e-mail address" };
        var client = new Option<string?>("--client") { Description = "only this client's" };
        return CommandLine.Make("list", $"List the open sessions, the newest first, {Shown:N0} at most", async (parsed, services) =>
        {
            int? account = null;
            long? row = null;
            if (parsed.GetValue(user) is { } login && (account = services.GetRequiredService<UserAccounts>()
                .FindByLogin(login)?.Id) is null) return await CommandLine.FailAsync("there is no such user");
            if (parsed.GetValue(client) is { } id && (row = services.GetRequiredService<ClientRegistry>().Find(id)?.Id) is null)
                return await CommandLine.FailAsync("there is no such client");
            foreach (var s in services.GetRequiredService<SessionList>()
                .List(new SessionFilter(account, row, SessionSummary.Active), before: null, Shown))
                Console.WriteLine($"{TimeOrderedId.ToText(s.Id)}\t{s.UserName}\t{s.ClientId}\t{Timestamps.Of(s.StartedAt)}\t{s.Scopes}");
            return CommandLine.Done;
        }, user, client);
    }

    private static Command End()
    {
        var id = new Argument<string>("session_id");
        return CommandLine.Make("end", "End a session; its access and refresh tokens are dead", async (parsed, services) =>
        {
            string text = parsed.GetRequiredValue(id);
            if (TimeOrderedId.Parse(text) is not { } session) return await CommandLine.FailAsync("this is no session id");
            var ended = new AuditEvent("session.ended",
                services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime) { Actor = CommandLine.Actor, Target = text };
            Console.WriteLine(await services.GetRequiredService<UserSessions>().EndAsync(session, ended)
                ? $"{text} has ended" : $"{text} had ended already");
            return CommandLine.Done;
        }, id);
    }
}
