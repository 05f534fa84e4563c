using System.Net;
using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>Tells the operator of a server that refuses plain HTTP, and gets nothing else, how HTTPS comes to it.</summary>
internal sealed partial class HttpsAdvice(TokenServerOptions options, HttpsPolicy https, ILogger<HttpsAdvice> logger)
{
    private int told;

    /// <summary>Says at the start that nothing brings HTTPS here: no certificate, and no proxy whose word counts.</summary>
    /// <param name="addresses">Where the server listens.</param>
    public void Started(IEnumerable<string> addresses)
    {
        if (https.IsRequired && options.TrustedProxies.Length == 0
            && !addresses.Any(a => a.StartsWith("https:", StringComparison.OrdinalIgnoreCase))) Log.NoWayIn(logger);
    }

    /// <summary>Says once that what was refused looks as if a proxy had sent it.</summary>
    public void Refused(HttpContext context)
    {
        var peer = context.Connection.RemoteIpAddress;
        bool isForwarded = context.Request.Headers.ContainsKey("X-Forwarded-Proto") || context.Request.Headers.ContainsKey("Forwarded");
        if (peer is not null && (isForwarded || IPAddress.IsLoopback(peer)) && Interlocked.Exchange(ref told, 1) == 0)
            Log.Refused(logger, peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Plain HTTP is refused, and nothing brings HTTPS here. Name the reverse proxy "
            + "in TokenServer:TrustedProxies (127.0.0.1 where it is on this machine), or give Kestrel a certificate and an https address")]
        public static partial void NoWayIn(ILogger logger);

        [LoggerMessage(Level = LogLevel.Warning, Message = "A request from {Peer} was refused, since it came over plain HTTP. If that is "
            + "the reverse proxy, put its address into TokenServer:TrustedProxies and have it send X-Forwarded-Proto. This is said once")]
        public static partial void Refused(ILogger logger, IPAddress peer);
    }
}
