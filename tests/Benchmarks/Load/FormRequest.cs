using System.Text;
using Benchmarks.Servers;

namespace Benchmarks.Load;

/// <summary>The bytes of the requests, with one of the benchmark's clients, or a token, in the Authorization header.</summary>
internal static class FormRequest
{
    /// <summary>A POST of <paramref name="form"/>, which is encoded already.</summary>
    public static byte[] Create(string path, string form, string client = TokenServerProcess.ClientId) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {Credentials(client)}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {form.Length}\r\n\r\n{form}");

    public static byte[] Get(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");

    /// <summary>A GET with a Bearer token.</summary>
    public static byte[] Get(string path, string token) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n");

    private static string Credentials(string client) => Convert.ToBase64String(Encoding.ASCII.GetBytes($"{client}:{TokenServerProcess.ClientSecret}"));
}
