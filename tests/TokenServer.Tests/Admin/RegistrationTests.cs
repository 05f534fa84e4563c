using System.Text;
using System.Text.Json;
using TokenServer.Clients;
using TokenServer.Import;
using TokenServer.Tests.Support;
using TokenServer.Web.Shared;
using TokenServer.Tests.Web;
using TokenServer.Tests.Web.Console;

namespace TokenServer.Tests.Admin;

/// <summary>One rule for a registration, whoever sends it: what cannot work is refused by the name of its field (contract sections 7 and 9).</summary>
public sealed class RegistrationTests(RegistrationTests.Desk desk) : IClassFixture<RegistrationTests.Desk>
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "grant_types", "implicit" }, { "grant_types", "authorization_code" }, { "grant_types", "Password" }, { "grant_types", "urn:tokenserver:grant-type:twofactor" },
        { "scope", "apii" }, { "scope", "API" }, { "scope", "openid api read:all" }, { "scope", "offline-access" },
        { "audiences", "apii" }, { "audiences", "Tunnel" }, { "audiences", "mailto:someone@example.com" }, { "audiences", "first-party" },
        { "redirect_uris", "javascript:alert(1)" }, { "redirect_uris", "data:text/html,hello" }, { "redirect_uris", "ftp://app.example.com/back" }, { "redirect_uris", "http://app.example.com/back" },
        { "redirect_uris", "http://localhost.example.com/back" }, { "redirect_uris", "http://192.168.1.7/back" }, { "redirect_uris", "https://jane:secret@app.example.com/back" },
        { "redirect_uris", "https://app.example.com/back#here" }, { "redirect_uris", "app:/back" }, { "redirect_uris", "com.example.app:/back" }, { "redirect_uris", "https:///back" },
        { "redirect_uris", "https://ä.example.com/cb" }, { "redirect_uris", "https://ｅxample.com/cb" }, { "post_logout_redirect_uris", "https://例え.example.com/" },
        { "redirect_uris", "http://127.1/back" }, { "redirect_uris", "http://0x7f.1/back" }, { "redirect_uris", "http://2130706433/back" },
        { "redirect_uris", "http://127.0.0.1.:80/back" }, { "redirect_uris", "http://[0:0:0:0:0:0:0:1]/back" }, { "redirect_uris", "http://127.0.0.2/back" },
        { "redirect_uris", "https://app.example.com/" + new string('x', 2_000) },
    };

    [Theory]
    [InlineData("redirect_uris", "https://ä.example.com/cb", "redirect_uris has an entry that has a host with letters beyond ASCII: write it as xn--…: https://ä.example.com/cb")]
    [InlineData("redirect_uris", "com.example.app://ä/cb", "redirect_uris has an entry that has a host with letters beyond ASCII: write it as xn--…: com.example.app://ä/cb")]
    [InlineData("post_logout_redirect_uris", "https://ä.example.com/", "post_logout_redirect_uris has an entry that has a host with letters beyond ASCII: write it as xn--…: https://ä.example.com/")]
    [InlineData("backchannel_logout_uri", "https://ä.example.com/", "backchannel_logout_uri has a host with letters beyond ASCII: write it as xn--…")]
    [InlineData("backchannel_logout_uri", "http://127.1/", "backchannel_logout_uri must be an absolute https address*")]
    [InlineData("tos_uri", "https://ä.example.com/", "tos_uri has a host with letters beyond ASCII: write it as xn--…")]
    [InlineData("logo_uri", "https://a.example.com/{long}", "logo_uri has 2,022 characters, where 2,000 is the most")]
    [InlineData("backchannel_logout_uri", "https://a.example.com/{long}", "backchannel_logout_uri has 2,022 characters, where 2,000 is the most")]
    [InlineData("redirect_uris", "https://a.example.com/{long}", "redirect_uris has an entry that has 2,022 characters, where 2,000 is the most: https://a.example.com/xxx*…")]
    public async Task An_address_that_cannot_be_is_told_so_by_what_is_wrong_with_it(string field, string address, string problem)
    {
        address = address.Replace("{long}", new string('x', 2_000), StringComparison.Ordinal);
        string change = field.EndsWith('s') ? Change(field, address) : JsonSerializer.Serialize(new Dictionary<string, string> { [field] = address });
        var posted = await desk.Admin.CallAsync("POST /clients", $$"""{"client_id":"wrong",{{change[1..]}}""");
        posted.ShouldBeProblem(400);
        posted["detail"].Should().Match(problem);
        (await desk.Admin.Server.Awaiting(s => ImportAsync(s, $$"""{"client_id":"wrong",{{change[1..]}}""")).Should().ThrowAsync<ImportException>())
            .Which.Message.Should().Match("clients[0]: " + problem);
    }

    [Fact]
    public async Task An_address_that_comes_twice_is_one_and_two_spellings_of_one_are_refused()
    {
        const string Twice = """{"client_id":"twice","redirect_uris":["https://a.example.com/cb","https://a.example.com/cb","https://b.example.com/"]}""";
        var made = await desk.Admin.DoAsync("POST /clients", Twice, 201);
        made.Json.GetProperty("redirect_uris").EnumerateArray().Select(u => u.GetString()).Should().Equal("https://a.example.com/cb", "https://b.example.com/");
        await desk.Admin.DoAsync("DELETE /clients/twice");
        var answer = await desk.Admin.CallAsync("POST /clients", """{"client_id":"twice","redirect_uris":["https://a.example.com/cb","https://A.example.com:443/cb"]}""");
        answer.ShouldBeProblem(400);
        answer["detail"].Should().Be("redirect_uris has one address in two spellings: https://a.example.com/cb and https://A.example.com:443/cb");
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_cannot_work_is_refused_everywhere_by_the_name_of_its_field(string field, string value)
    {
        var server = desk.Admin.Server;
        int clients = server.Get<ClientRegistry>().All.Count();
        (await server.Awaiting(s => ImportAsync(s, Client(field, value))).Should().ThrowAsync<ImportException>()).WithMessage($"clients[0]: {field}*");
        var answer = await desk.Admin.CallAsync("POST /clients", Client(field, value));
        answer.ShouldBeProblem(400);
        answer["detail"].Should().StartWith(field);
        (await desk.Admin.CallAsync("PATCH /clients/web", Change(field, value))).ShouldBeProblem(400);
        (await desk.Console.SubmitAsync("/admin/clients/new", ("client_id", "wrong"), ("token_endpoint_auth_method", "client_secret_basic"), (field, value))).Alert().Should().StartWith($"Nothing was saved: {FieldWords.InWords(field + " ")}".TrimEnd());
        server.Get<ClientRegistry>().All.Should().HaveCount(clients);
    }

    [Theory]
    [InlineData("scope", "openid profile email offline_access admin api files")]
    [InlineData("audiences", "api")]
    [InlineData("audiences", "archive")]
    [InlineData("audiences", "web")]
    [InlineData("audiences", "servers")]
    [InlineData("audiences", "https://id.example.com")]
    [InlineData("redirect_uris", "https://app.example.com/back?from=here")]
    [InlineData("redirect_uris", "http://127.0.0.1:7777/back")]
    [InlineData("redirect_uris", "http://[::1]/back")]
    [InlineData("redirect_uris", "http://localhost/back")]
    [InlineData("grant_types", "urn:tokenserver:grant-type:two_factor")]
    [InlineData("grant_types", "urn:tokenserver:grant-type:install_precheck")]
    public async Task What_can_work_is_taken_everywhere(string field, string value)
    {
        await ImportAsync(desk.Admin.Server, Client(field, value, "imported"));
        await desk.Admin.DoAsync("DELETE /clients/imported");
        await desk.Admin.DoAsync("POST /clients", Client(field, value, "posted"), 201);
        await desk.Admin.DoAsync("DELETE /clients/posted");
        (await desk.Console.NextAsync(await desk.Console.SubmitAsync("/admin/clients/new", ("client_id", "entered"), ("token_endpoint_auth_method", "client_secret_basic"), (field, value)))).Secret("secret").Should().NotBeNull();
        await desk.Admin.DoAsync("DELETE /clients/entered");
    }

    [Fact]
    public async Task A_public_client_may_have_a_scheme_of_its_own()
    {
        await desk.Admin.DoAsync("POST /clients", """{"client_id":"phone","token_endpoint_auth_method":"none","redirect_uris":["com.example.app:/back"]}""", 201);
        await desk.Admin.DoAsync("DELETE /clients/phone");
    }

    [Fact]
    public async Task A_client_may_name_what_is_registered_in_the_same_file()
    {
        await using var server = await TestServer.StartAsync();
        await ImportAsync(server, """{"scopes":[{"name":"photos","resources":["photo-api"]}],"clients":[{"client_id":"gallery","client_secret":"a secret","scope":"photos","audiences":["photo-api","viewer"]},{"client_id":"viewer"}]}""");
        server.Get<ClientRegistry>().Find("gallery")!.Scopes.ToString().Should().Be("photos");
    }

    [Fact]
    public async Task Whatever_a_secret_is_made_of_it_works_as_Basic()
    {
        foreach (string secret in new[] { new string('x', 1000), new string('ü', 900), new string('€', 600), new string('%', 1000) })
        {
            await ImportAsync(desk.Admin.Server, $$"""{"clients":[{"client_id":"long","client_secret":"{{secret}}","grant_types":["client_credentials"]}]}""");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
            request.Headers.Authorization = OAuth.Basic("long", secret);
            request.Headers.Authorization.ToString().Length.Should().BeLessThan(8_000, "a proxy takes no more");
            (await desk.Admin.Server.SendAsync(request)).Status.Should().Be(200, secret[..1]);
        }
        await desk.Admin.Server.Awaiting(s => ImportAsync(s, $$"""{"clients":[{"client_id":"long","client_secret":"{{new string('€', 601)}}"}]}""")).Should().ThrowAsync<ImportException>().WithMessage("clients[0]: client_secret*");
    }

    private static string Client(string field, string value, string id = "wrong") =>
        $$"""{"client_id":"{{id}}",{{Change(field, value)[1..]}}""";

    private static string Change(string field, string value) => JsonSerializer.Serialize(new Dictionary<string, object> { [field] = field == "scope" ? value : new[] { value } });

    private static Task ImportAsync(TestServer server, string json)
    {
        if (!json.StartsWith("{\"clients\"", StringComparison.Ordinal) && !json.StartsWith("{\"scopes\"", StringComparison.Ordinal))
            json = $$"""{"clients":[{{json[..^1]}},"client_secret":"a secret"}]}""";
        return server.Get<Importer>().ApplyAsync(ImportDocument.Parse(Encoding.UTF8.GetBytes(json)), "test");
    }

    /// <summary>A server with an administrator at each face.</summary>
    public sealed class Desk : IAsyncLifetime
    {
        internal AdminServer Admin { get; private set; } = null!;
        internal Browser Console { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            var server = await ConsoleVisits.StartAsync();
            await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = AdminServer.Robot, ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "admin api" }, "test");
            Console = await server.OpenConsoleAsync();
            Admin = await AdminServer.OfAsync(server);
        }

        public async Task DisposeAsync()
        {
            Console.Dispose();
            await Admin.DisposeAsync();
        }
    }
}
