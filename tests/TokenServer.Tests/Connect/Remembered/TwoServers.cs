using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TokenServer.Connect.Remembered;
using TokenServer.Keys;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tokens;
using TokenServer.Tokens.Dpop;

namespace TokenServer.Tests.Connect.Remembered;

/// <summary>Two servers on one database with one clock: one remembers decisions, the other decides each request anew.</summary>
internal sealed class TwoServers : IAsyncDisposable
{
    public const string Issuer = "https://issuer.example";
    private readonly TestServer deciding;
    private int known;

    private TwoServers(TestServer remembering, TestServer deciding) => (Remembering, this.deciding) = (remembering, deciding);

    public TestServer Remembering { get; }
    public IEnumerable<TestServer> All => [Remembering, deciding];

    /// <summary>Requests that were answered from a decision.</summary>
    public int Known => known;

    public static async Task<TwoServers> StartAsync()
    {
        string[] settings = ["--TokenServer:Issuer=" + Issuer, "--Logging:LogLevel:Default=Warning", .. FaceRequests.NoLimits];
        // One of two on a SQLite file takes no proofs, but where they are rows.
        static void WithRows(IServiceCollection services) => services.AddSingleton<IUsedProofs, StoredProofs>();
        var remembering = await TestServer.StartAsync(settings, configure: WithRows);
        string[] without = [.. settings, "--TokenServer:RememberDecisions=false"];
        return new(remembering, await TestServer.StartAsync(without, folder: remembering.Folder, clock: remembering.Clock, configure: WithRows));
    }

    /// <summary>Sends a request to both; null where they answer alike, else what each answered.</summary>
    public async Task<string?> DifferenceAsync(Sent sent)
    {
        if (await IsKnownAsync(sent)) known++;
        string answer = Told(await sent.ToAsync(Remembering)), other = Told(await sent.ToAsync(deciding));
        return answer == other ? null : $"{sent}\n  with memory: {answer}\n  without: {other}";
    }

    /// <summary>Has the server that decides anew read what the other has changed. Keys take long to read.</summary>
    public void CatchUp(bool keysToo)
    {
        foreach (var kept in deciding.Get<IEnumerable<IKeptInMemory>>())
            if (keysToo || kept is not KeyRing) kept.Reload();
    }

    public async ValueTask DisposeAsync()
    {
        await deciding.DisposeAsync();
        await Remembering.DisposeAsync();
    }

    private async Task<bool> IsKnownAsync(Sent sent)
    {
        var http = new DefaultHttpContext();
        byte[] body = Encoding.ASCII.GetBytes(sent.Body);
        (http.Request.Body, http.Request.ContentLength, http.Request.ContentType) = (new MemoryStream(body), body.Length, sent.ContentType);
        if (sent.Authorization is not null) http.Request.Headers.Authorization = sent.Authorization;
        if (sent.Path == Sent.IntrospectionPath)
        {
            var introspection = Remembering.Get<IntrospectionDecisions>();
            return introspection.Find((await introspection.FingerprintAsync(http))!.Value, Issuer) is not null;
        }
        var tokens = Remembering.Get<ClientCredentialsDecisions>();
        bool hasProof = sent.Proof is not null;
        return await tokens.TryAnswerAsync(http, (await tokens.FingerprintAsync(http, hasProof))!.Value, Issuer,
            hasProof ? _ => new(sent.Proof == Spelling.Proven ? "a key" : null) : null);
    }

    // All of an answer that may not differ: of a token what it says, but for its id and signature.
    private string Told(Answer answer)
    {
        var body = JsonNode.Parse(answer.Body)!.AsObject();
        if (body["access_token"]?.GetValue<string>() is { } token) body["access_token"] = Says(token);
        var headers = answer.Headers.Where(h => h.Key != "Date").Concat(answer.ContentHeaders.Where(h => h.Key != "Content-Length"));
        return $"{answer.Status} {string.Join(' ', headers.Select(h => $"{h.Key}={string.Join(',', h.Value)}"))} {body.ToJsonString()}";
    }

    private string Says(string token)
    {
        if (token.StartsWith(ReferenceToken.OpaqueAccess, StringComparison.Ordinal))
        {
            var stored = Remembering.Get<OpaqueAccessTokens>().Read(token)!;
            return ReferenceToken.OpaqueAccess + Encoding.UTF8.GetString(AccessTokenJson.Write(stored with { Id = 0 }));
        }
        var claims = JsonObject.Create(Jwt.Claims(token))!;
        claims.Remove("jti").Should().BeTrue();
        return JsonSerializer.Serialize(Jwt.Header(token)) + claims.ToJsonString();
    }
}
