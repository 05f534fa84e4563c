using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Benchmarks.Bare;

/// <summary>
/// The least each flow can be done with, after the framework has parsed the form: one ES256 signature, one look-up, one durable write. No
/// client is authenticated, no rule is checked. <see cref="FormOnly"/> does nothing at all and answers 1 KB.
/// </summary>
internal sealed class BareEndpoints(DurableTokens tokens)
{
    public const string FormOnly = "/form", ClientCredentials = "/token", Refresh = "/refresh", Introspect = "/introspect", Revoke = "/revoke", Know = "/know";
    private static readonly byte[] OneKilobyte = Encoding.ASCII.GetBytes($$"""{"access_token":"{{new string('x', 953)}}","token_type":"Bearer","expires_in":3600,"scope":"api"}""");
    private static readonly byte[] Active = [.. """{"active":true,"iss":"https://bench.example","sub":"bench","aud":"api","client_id":"bench","exp":1795179492,"iat":1795175892,"jti":"0000000000000","scope":"api","token_type":"Bearer"}"""u8];
    private static readonly byte[] Inactive = [.. """{"active":false}"""u8];
    private static readonly byte[] Header = [.. Base64Url.EncodeToUtf8("""{"alg":"ES256","kid":"0123456789abcdefghijklmnopqrstuvwxyzABCDEFG","typ":"at+jwt"}"""u8), (byte)'.'];
    private static readonly ECParameters Key = ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportParameters(includePrivateParameters: true);
    private static readonly ThreadLocal<ECDsa> Keys = new(() => ECDsa.Create(Key));
    private readonly ConcurrentDictionary<string, byte[]> known = new();
    private long lastToken;

    public async Task HandleAsync(HttpContext context)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : FormCollection.Empty;
        switch (context.Request.Path.Value)
        {
            case ClientCredentials:
                if (form["grant_type"] == "client_credentials") WriteToken(context, null);
                break;
            case Refresh:
                if (await tokens.RotateAsync(form["refresh_token"].ToString()) is { } successor) WriteToken(context, successor);
                break;
            case Introspect:
                Write(context, known.GetValueOrDefault(form["token"].ToString(), Inactive));
                break;
            case Revoke:
                await tokens.RevokeAsync();
                context.Response.ContentLength = 0;
                break;
            case Know:
                known[form["token"].ToString()] = Active;
                context.Response.ContentLength = 0;
                break;
            default:
                Write(context, OneKilobyte);
                break;
        }
    }

    private static void Write(HttpContext context, ReadOnlySpan<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        context.Response.BodyWriter.Write(json);
    }

    private void WriteToken(HttpContext context, string? refreshToken)
    {
        Span<byte> json = stackalloc byte[1024];
        var start = "{\"access_token\":\""u8;
        start.CopyTo(json);
        int length = start.Length + Sign(json[start.Length..]);
        Utf8.TryWrite(json[length..], $"\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"scope\":\"api\",\"refresh_token\":\"{refreshToken}\"}}", out int rest);
        Write(context, json[..(length + rest)]);
    }

    // A token says when it was issued and has an id of its own, so its claims cannot be made beforehand.
    private int Sign(Span<byte> token)
    {
        Span<byte> claims = stackalloc byte[256], signature = stackalloc byte[64];
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Utf8.TryWrite(claims, $$"""{"iss":"https://bench.example","sub":"bench","aud":"api","client_id":"bench","exp":{{now + 3600}},"iat":{{now}},"jti":"{{Interlocked.Increment(ref lastToken):D13}}","scope":"api"}""", out int size);
        Header.CopyTo(token);
        int length = Header.Length + Base64Url.EncodeToUtf8(claims[..size], token[Header.Length..]);
        Keys.Value!.SignData(token[..length], signature, HashAlgorithmName.SHA256);
        token[length++] = (byte)'.';
        return length + Base64Url.EncodeToUtf8(signature, token[length..]);
    }
}
