using System.Net.Http.Headers;
using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Remembered;

/// <summary>A request to the letter: the same one is the same bytes.</summary>
internal sealed record Sent(string Path, string? Authorization, string ContentType, string Body)
{
    private static readonly DpopKey Key = new();

    /// <summary>Whether it has a proof of a key: one of its own each time, or what is none.</summary>
    public Spelling? Proof { get; init; }

    public const string TokenPath = "/connect/token", IntrospectionPath = "/connect/introspect", RevocationPath = "/connect/revoke";
    private const string Form = "application/x-www-form-urlencoded";

    public static Sent Of(string path, Spelling spelling, string client, string secret, params (string Name, string Value)[] form)
    {
        if (spelling is Spelling.Post or Spelling.BesideAnother) form = [.. form, ("client_id", client), ("client_secret", secret)];
        if (spelling == Spelling.Reordered) form = [("x", "1"), .. form.Reverse()];
        string body = string.Join('&', form.Select(f => $"{f.Name}={Uri.EscapeDataString(f.Value)}"));
        string? authorization = spelling switch
        {
            Spelling.Post => null,
            // Of a scheme that is no client's.
            Spelling.BesideAnother => "Bearer x",
            _ => OAuth.Basic(client, secret).ToString(),
        };
        return new(path, authorization, spelling == Spelling.WithCharset ? Form + "; charset=utf-8" : Form, body)
            { Proof = spelling is Spelling.Proven or Spelling.Forged ? spelling : null };
    }

    public Task<Answer> ToAsync(TestServer server)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent(Encoding.ASCII.GetBytes(Body)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
        if (Authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", Authorization);
        if (Proof == Spelling.Proven) request.Headers.Add("DPoP", Key.ForTokens(server, new { htu = TwoServers.Issuer + TokenPath }));
        else if (Proof == Spelling.Forged) request.Headers.Add("DPoP", new DpopKey().ForTokens(server, header: new { jwk = Key.Key.Jwk }));
        return server.SendAsync(request);
    }
}
