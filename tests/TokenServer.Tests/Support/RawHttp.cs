using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace TokenServer.Tests.Support;

/// <summary>Requests as bytes on a socket, for what a polite client would never send.</summary>
internal static class RawHttp
{
    /// <summary>Sends <paramref name="head"/> (lines; the blank line is added), then <paramref name="body"/>, and reads the answer to its end.</summary>
    public static async Task<RawAnswer> SendRawAsync(this TestServer server, string head, byte[]? body = null)
    {
        var address = new Uri(server.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        string text = $"{head.ReplaceLineEndings("\r\n")}\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n";
        using var received = new MemoryStream();
        try
        {
            await stream.WriteAsync((byte[])[.. Encoding.Latin1.GetBytes(text), .. body ?? []]);
        }
        catch (IOException)
        {
            // The server has answered and closed before it read all; its answer is still there to be read.
        }
        try
        {
            await stream.CopyToAsync(received);
        }
        catch (IOException) when (received.Length > 0)
        {
        }
        return new RawAnswer(Encoding.UTF8.GetString(received.ToArray()));
    }

    /// <summary>POSTs <paramref name="body"/> to the token endpoint as a form.</summary>
    public static Task<RawAnswer> PostRawAsync(this TestServer server, byte[] body, string path = "/connect/token") =>
        server.SendRawAsync($"POST {path} HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {body.Length}", body);

    /// <summary>POSTs a body with the framework's client, whatever it says it is.</summary>
    public static async Task<Answer> PostContentAsync(this TestServer server, string path, string? type, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (type is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return await server.SendAsync(request);
    }
}

/// <summary>An answer as it came.</summary>
internal sealed record RawAnswer(string Text)
{
    public int Status => int.Parse(Text.Split(' ')[1]);
    /// <summary>As the framework's client would have read it.</summary>
    public Answer Read()
    {
        var message = new HttpResponseMessage { Content = new ByteArrayContent([]) };
        foreach (string line in Text.Split("\r\n\r\n")[0].Split("\r\n").Skip(1))
            if (line.Split(": ", 2) is [var name, var value]) message.Headers.TryAddWithoutValidation(name, value);
        return new Answer(Status, Body, message.Headers, message.Content.Headers);
    }

    public string Body => Text[(Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
}
