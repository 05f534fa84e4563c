using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using TokenServer.Keys.Jose;

namespace TokenServer.Tests.Support;

/// <summary>Reads, checks and forges compact JWS with the framework's own cryptography, not with the server's code.</summary>
internal static class Jwt
{
    public static JsonElement Header(string token) => Part(token, 0);

    public static JsonElement Claims(string token) => Part(token, 1);

    /// <summary>Puts a token together; <paramref name="sign"/> gives the signature over header and payload.</summary>
    public static string Make(string header, string payload, Func<byte[], byte[]> sign) => Make(Encoding.UTF8.GetBytes(header), payload, sign);

    /// <inheritdoc cref="Make(string, string, Func{byte[], byte[]})"/>
    public static string Make(byte[] header, string payload, Func<byte[], byte[]> sign) => Make(header, Encoding.UTF8.GetBytes(payload), sign);

    /// <inheritdoc cref="Make(string, string, Func{byte[], byte[]})"/>
    public static string Make(byte[] header, byte[] payload, Func<byte[], byte[]> sign)
    {
        string signed = Base64Url.EncodeToString(header) + "." + Base64Url.EncodeToString(payload);
        return signed + "." + Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)));
    }

    /// <summary>A token that one of the server's own keys has signed.</summary>
    public static string Make(SigningKey key, string type, byte[] payload) =>
        Make(Encoding.UTF8.GetBytes($$"""{"alg":"{{key.Algorithm}}","kid":"{{key.KeyId}}","typ":"{{type}}"}"""), payload, data => Sign(key, data));

    /// <summary>The signature of one of the server's own keys.</summary>
    public static byte[] Sign(SigningKey key, byte[] data) => key.Credentials.Key switch
    {
        ECDsaSecurityKey ec => ec.ECDsa.SignData(data, HashAlgorithmName.SHA256),
        var rsa => RSA.Create(((RsaSecurityKey)rsa).Parameters).SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
    };

    /// <summary>Whether a key of the published set, and the one that the header names, has signed the token.</summary>
    public static async Task<bool> IsSignedByPublishedKeyAsync(this TestServer server, string token)
    {
        var header = Header(token);
        var published = await Keys();
        // A machine so busy that it is not known in time what other processes have changed is no matter of keys.
        while (published.Status == 503) published = await Keys();
        var keys = published.Json.GetProperty("keys");
        var key = keys.EnumerateArray().Single(k => k.Text("kid") == header.Text("kid"));
        byte[] signed = Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')]), signature = Base64Url.DecodeFromChars(token.AsSpan(token.LastIndexOf('.') + 1));
        if (key.Text("alg") != header.Text("alg") || key.Text("use") != "sig") return false;
        if (header.Text("alg") == "ES256")
        {
            using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") } });
            return ec.VerifyData(signed, signature, HashAlgorithmName.SHA256);
        }
        using var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") });
        return rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Task<Answer> Keys() => server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/.well-known/jwks"));
    }

    /// <summary>A member that is there and is a string.</summary>
    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>A member that is there and is a whole number.</summary>
    public static long Number(this JsonElement json, string name) => json.GetProperty(name).GetInt64();

    /// <summary>The names of an object's members.</summary>
    public static IEnumerable<string> Names(this JsonElement json) => json.EnumerateObject().Select(m => m.Name);

    /// <summary>The strings of a member that is an array.</summary>
    public static IEnumerable<string> Texts(this JsonElement json, string name) => json.GetProperty(name).EnumerateArray().Select(e => e.GetString()!);

    private static byte[] Bytes(JsonElement key, string name) => Base64Url.DecodeFromChars(key.Text(name));

    private static JsonElement Part(string token, int index) => JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[index])).RootElement;
}
