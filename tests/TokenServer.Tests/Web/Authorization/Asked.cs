using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Authorization;

/// <summary>A client's request that waits for a person, as the authorization endpoint stores it.</summary>
/// <param name="Uri">Its request_uri.</param>
/// <param name="ReturnPath">Where the pages go back to.</param>
internal sealed record Asked(string Uri, string ReturnPath)
{
    public const string Callback = "https://app.example.com/signed-in";

    /// <summary>The address of a page that is a step of it.</summary>
    public string At(string page) => $"{page}?return={System.Uri.EscapeDataString(ReturnPath)}";

    /// <summary>The form's field that leads back to it.</summary>
    public (string, string) Return => ("return", ReturnPath);

    public static async Task<Asked> StoreAsync(
        TestServer server, string client = "web", string scope = "openid api", string redirectUri = Callback, params (string, string)[] more)
    {
        var parameters = new Dictionary<string, string>
        {
            ["client_id"] = client, ["response_type"] = "code", ["redirect_uri"] = redirectUri, ["scope"] = scope, ["state"] = "xyz",
        };
        foreach (var (name, value) in more) parameters[name] = value;
        var request = AuthorizationRequest.Of(server.Get<ClientRegistry>().Find(client)!, parameters, server.Clock.GetUtcNow().UtcDateTime);
        string uri = await server.Get<AuthorizationRequests>().StoreAsync(request, isPushed: false, "a browser");
        return new(uri, $"/connect/authorize?client_id={client}&request_uri={System.Uri.EscapeDataString(uri)}");
    }

    /// <summary>The request as it is stored now.</summary>
    public AuthorizationRequest? Stored(TestServer server) => server.Get<AuthorizationRequests>().Find(Uri);
}
