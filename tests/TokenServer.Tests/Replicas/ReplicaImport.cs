using System.Text.Json.Nodes;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Authorization;

namespace TokenServer.Tests.Replicas;

/// <summary>The clients and users of <see cref="TestImport"/>, and what the other faces and the administration need.</summary>
internal static class ReplicaImport
{
    public const string Pin = "1234";

    /// <summary>robot: an administrator; panel: the install grant; photos: signs people in through the browser; fleet and relay: introspect what installs, servers, tunnels and the PIN gate have. ann, carl, dora: as bob.</summary>
    public static string Json { get; } = Make();

    private static string Make()
    {
        var document = JsonNode.Parse(TestImport.Json)!;
        var clients = document["clients"]!.AsArray();
        clients.Add(new JsonObject { ["client_id"] = "robot", ["client_secret"] = TestImport.Secret, ["grant_types"] = new JsonArray("client_credentials"), ["scope"] = "admin" });
        clients.Add(new JsonObject { ["client_id"] = "panel", ["client_secret"] = TestImport.Secret, ["grant_types"] = new JsonArray(InstallRequests.GrantType), ["scope"] = "api" });
        clients.Add(new JsonObject { ["client_id"] = "fleet", ["client_secret"] = TestImport.Secret, ["audiences"] = new JsonArray("install", "servers"), ["introspection"] = true });
        clients.Add(new JsonObject { ["client_id"] = "relay", ["client_secret"] = TestImport.Secret, ["audiences"] = new JsonArray("tunnel", "pin"), ["introspection"] = true });
        clients.Add(new JsonObject
        {
            ["client_id"] = "photos", ["client_secret"] = TestImport.Secret, ["grant_types"] = new JsonArray("authorization_code"), ["response_types"] = new JsonArray("code"),
            ["redirect_uris"] = new JsonArray(Asked.Callback), ["scope"] = "openid api", ["consent_type"] = "systematic",
        });
        foreach (string name in (string[])["ann", "carl", "dora", "emma"])
            document["users"]!.AsArray().Add(new JsonObject { ["username"] = name, ["email"] = name + "@example.com", ["password"] = TestImport.Password });
        return document.ToJsonString();
    }
}
