using System.Text;
using Microsoft.AspNetCore.Routing;
using TokenServer.Accounts;
using TokenServer.Accounts.Pins;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>The one door to the administration: every route that the server has, with everything that is no administrator's token (contract section 6).</summary>
public sealed class AuthorizationTests(AuthorizationTests.Tokens tokens) : IClassFixture<AuthorizationTests.Tokens>
{
    /// <summary>What is shown, and the answer: 401 without <c>error</c>, 401 <c>invalid_token</c>, or 403 <c>insufficient_scope</c>.</summary>
    private static readonly Dictionary<string, (int Status, string? Error)> Expected = new()
    {
        ["nothing"] = (401, null), ["an empty token"] = (401, null), ["Basic"] = (401, null),
        ["garbage"] = (401, "invalid_token"), ["expired"] = (401, "invalid_token"), ["revoked"] = (401, "invalid_token"), ["of a disabled administrator"] = (401, "invalid_token"),
        ["API key"] = (401, "invalid_token"), ["refresh"] = (401, "invalid_token"), ["id_token"] = (401, "invalid_token"), ["tunnel"] = (401, "invalid_token"), ["server"] = (401, "invalid_token"),
        ["install"] = (401, "invalid_token"), ["PIN"] = (401, "invalid_token"), ["temp"] = (401, "invalid_token"),
        ["client without the scope"] = (403, "insufficient_scope"), ["opaque client without the scope"] = (403, "insufficient_scope"), ["administrator without the scope"] = (403, "insufficient_scope"),
        ["administrator at a face"] = (403, "insufficient_scope"), ["user"] = (403, "insufficient_scope"), ["role taken away"] = (403, "insufficient_scope"),
    };

    public static TheoryData<string> Kinds => [.. Expected.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_route_refuses_what_is_no_administrators_token_and_changes_nothing(string kind)
    {
        string before = await tokens.StateAsync();
        foreach (var (method, path) in tokens.Routes)
        {
            var answer = await tokens.CallAsync(method, path, kind);
            answer.ShouldBeProblem(Expected[kind].Status, Expected[kind].Error, $"{method} {path}");
        }
        (await tokens.StateAsync()).Should().Be(before);
    }

    [Fact]
    public void The_list_of_routes_is_the_contracts()
    {
        string[] routes = [.. tokens.Routes.Select(r => $"{r.Method} {r.Path.Split('?')[0]}")];
        routes.Should().HaveCountGreaterThanOrEqualTo(27).And.OnlyHaveUniqueItems();
        routes.Should().Contain(["GET /admin/api/clients", "POST /admin/api/keys/rotate", "POST /admin/api/tokens/revoke", "GET /admin/api/audit", "DELETE /admin/api/users/" + tokens.Bob]);
    }

    [Fact]
    public async Task An_administrator_through_a_client_with_the_scope_is_let_in()
    {
        foreach (var (_, path) in tokens.Routes.Where(r => r.Method == "GET"))
            (await tokens.Admin.Server.CallAsync("GET", path, tokens["administrator"])).Status.Should().Be(200, path);
    }

    [Theory]
    [InlineData("?access_token={0}")]
    [InlineData("?token={0}")]
    [InlineData("?authorization=Bearer%20{0}")]
    public async Task A_token_in_the_address_is_none(string query) =>
        (await tokens.Admin.Server.CallAsync("GET", "/admin/api/clients" + string.Format(query, tokens.Admin.Token))).ShouldBeProblem(401);

    [Fact]
    public async Task The_scope_is_given_to_nobody_without_the_role()
    {
        var answer = await tokens.Admin.Server.SignInAsync("web", "bob", "openid admin");
        (answer.Status, answer["error"]).Should().Be((400, "invalid_scope"));
    }

    /// <summary>A server with one token of every kind, and its routes with ids of things that are there.</summary>
    public sealed class Tokens : IAsyncLifetime
    {
        private const string Scopes = "openid offline_access api admin";
        private readonly Dictionary<string, string?> tokens = new() { ["nothing"] = null, ["garbage"] = "garbage" };

        internal AdminServer Admin { get; private set; } = null!;
        internal IReadOnlyList<(string Method, string Path)> Routes { get; private set; } = [];
        internal int Bob { get; private set; }
        internal string this[string kind] => tokens[kind]!;

        public async Task InitializeAsync()
        {
            Admin = await AdminServer.StartAsync();
            var server = Admin.Server;
            tokens["expired"] = (await server.SignInAsync("web", "jane", Scopes))["access_token"];
            server.Clock.Advance(TimeSpan.FromDays(1));
            await AddUsersAsync();
            var jane = await server.SignInAsync("web", "jane", Scopes);
            (tokens["administrator"], tokens["refresh"], tokens["id_token"]) = (jane["access_token"], jane["refresh_token"], jane["id_token"]);
            tokens["administrator without the scope"] = (await server.SignInAsync("web", "jane", "openid api"))["access_token"];
            string face = await ((Door)Door.Account).TokenAsync(server, "jane");
            tokens["administrator at a face"] = face;
            tokens["API key"] = (await server.AddKeyAsync(face)).Key;
            tokens["tunnel"] = (await server.AddTunnelAsync(face)).Token;
            tokens["user"] = (await server.SignInAsync("web", "bob", "openid api"))["access_token"];
            tokens["temp"] = await ((Door)Door.Connect).TempTokenAsync(server);
            tokens["client without the scope"] = await server.WorkerTokenAsync();
            tokens["opaque client without the scope"] = await server.WorkerTokenAsync("opaque");
            tokens["revoked"] = (await server.SignInAsync("web", "jane", Scopes))["access_token"];
            await server.PostAsync("/connect/revoke", "web", ("token", tokens["revoked"]!));
            await server.Get<PinFile>().SetAsync("1234", "test");
            tokens["PIN"] = (await server.CallAsync("POST", "/api/auth", null, new { pin = "1234" }))["token"];
            var install = await Installation.RegisteredAsync(server);
            (tokens["server"], tokens["install"]) = (install.ServerToken, install.InstallToken);
            Bob = Admin.IdOf("bob");
            // A receipt is of an install that was confirmed.
            var (confirmed, _) = await Web.Console.ConsoleVisits.InstallAsync(server);
            Routes = await FindRoutesAsync(install.ServerId, confirmed.ActivationId);
            // The robot's first token has expired by the clock's jump.
            Admin = await AdminServer.OfAsync(server);
        }

        public async Task DisposeAsync() => await Admin.DisposeAsync();

        internal Task<Answer> CallAsync(string method, string path, string kind)
        {
            object? body = method is "POST" or "PATCH" ? "{}" : null;
            return kind switch
            {
                "an empty token" => Admin.Server.CallAsync(method, path, null, body, ("Authorization", "Bearer ")),
                "Basic" => Admin.Server.CallAsync(method, path, null, body, ("Authorization", "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("jane:" + TestImport.Password)))),
                _ => Admin.Server.CallAsync(method, path, tokens[kind], body),
            };
        }

        /// <summary>Everything that a route could change, as text.</summary>
        internal async Task<string> StateAsync()
        {
            var state = new StringBuilder();
            foreach (string list in (string[])["/clients", "/users", "/sessions", "/installs/codes", "/installs/activations", "/servers", "/keys", "/audit"])
                state.AppendLine((await Admin.DoAsync("GET " + list)).Body);
            return state.ToString();
        }

        // Two whose tokens were an administrator's when they were given out.
        private async Task AddUsersAsync()
        {
            var (server, accounts) = (Admin.Server, Admin.Server.Get<UserAccounts>());
            foreach (string name in (string[])["former", "gone"])
                await accounts.AddAsync(new NewAccount { UserName = name, Email = name + "@example.com", Role = "admin", Password = TestImport.Password }, "test");
            tokens["role taken away"] = (await server.SignInAsync("web", "former", Scopes))["access_token"];
            tokens["of a disabled administrator"] = (await server.SignInAsync("web", "gone", Scopes))["access_token"];
            // As by another program that writes to the database: through the server, the session would end with the role.
            await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "Role"='user' WHERE "UserName"='former'"""));
            await accounts.DisableAsync(accounts.FindByLogin("gone")!, "test");
        }

        private async Task<IReadOnlyList<(string, string)>> FindRoutesAsync(string serverId, string activationId)
        {
            string session = (await Admin.Server.Get<Database>().WriteAsync(s => s.First("""SELECT max("Id") FROM "OpenIddictAuthorizations" WHERE "Status"='valid'""", r => TimeOrderedId.ToText(r.GetInt64(0)))))!;
            return [.. from endpoint in Admin.Server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                       let pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
                       where pattern.StartsWith("/admin/api", StringComparison.Ordinal)
                       from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                       // A HEAD is its GET without the body.
                       where method != "HEAD"
                       select (method, pattern.Replace("{clientId}", "worker").Replace("{name}", "files").Replace("{id:int}", Bob.ToString()).Replace("{id:long}", "1")
                           .Replace("/activations/{id}", "/activations/" + activationId).Replace("/servers/{id}", "/servers/" + serverId).Replace("/sessions/{id}", "/sessions/" + session))];
        }
    }
}
