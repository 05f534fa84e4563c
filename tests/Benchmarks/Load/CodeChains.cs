using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Benchmarks.Servers;

namespace Benchmarks.Load;

/// <summary>The code flow of browsers that are signed in: on each connection an authorization request, then the exchange of its code.</summary>
/// <param name="cookies">The session cookie of each connection's browser.</param>
internal sealed class CodeChains(string[] cookies) : IRequestSource
{
    private const string Verifier = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJK";

    private static readonly string Challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    private readonly byte[][] authorize = [.. cookies.Select(Authorize)];
    private readonly byte[]?[] exchange = new byte[]?[cookies.Length];

    /// <summary>The parameters of the authorization request.</summary>
    public static string Request => "response_type=code&client_id=" + TokenServerProcess.CodeClientId + "&redirect_uri=" + Uri.EscapeDataString(TokenServerProcess.RedirectUri)
        + "&scope=openid%20api&state=af0ifjsldkj&nonce=n-0S6_WzA2Mj&code_challenge_method=S256&code_challenge=" + Challenge;

    /// <summary>The form that exchanges a code.</summary>
    public static string Form(string code) => $"grant_type=authorization_code&code={code}&code_verifier={Verifier}&redirect_uri=" + Uri.EscapeDataString(TokenServerProcess.RedirectUri);

    public byte[] Next(int connection) => exchange[connection] ?? authorize[connection];

    public void Take(int connection, ReadOnlySpan<byte> body)
    {
        if (exchange[connection] is not null)
        {
            if (body.IndexOf("\"id_token\":\""u8) < 0) throw new InvalidDataException(Encoding.UTF8.GetString(body));
            exchange[connection] = null;
            return;
        }
        int at = body.IndexOf("code=ac_"u8);
        if (at < 0) throw new InvalidDataException(Encoding.UTF8.GetString(body));
        exchange[connection] = FormRequest.Create("/connect/token", Form(Encoding.ASCII.GetString(body.Slice(at + 5, 46))), TokenServerProcess.CodeClientId);
    }

    private static byte[] Authorize(string cookie) => Encoding.ASCII.GetBytes($"GET /connect/authorize?{Request} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n");
}
