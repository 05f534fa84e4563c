using System.Text;

namespace Benchmarks.Load;

/// <summary>The bytes of the requests, with the benchmark's client in the Authorization header.</summary>
internal static class FormRequest
{
    private static readonly string Credentials = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Servers.TokenServerProcess.ClientId}:{Servers.TokenServerProcess.ClientSecret}"));

    /// <summary>A POST of <paramref name="form"/>, which is encoded already.</summary>
    public static byte[] Create(string path, string form) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {Credentials}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {form.Length}\r\n\r\n{form}");

    public static byte[] Get(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
}
