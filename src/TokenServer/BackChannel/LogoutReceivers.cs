using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using TokenServer.Telemetry;

namespace TokenServer.BackChannel;

/// <summary>Sends logout tokens to the addresses that clients registered (OpenID Connect Back-Channel Logout section 2.5), and to nothing
/// else: whoever registers a client must not reach through this server what only it can reach. The address that a name has is looked at
/// when the connection is made; no redirect is followed, no proxy used, no cookie kept, and little read.</summary>
internal sealed class LogoutReceivers : IDisposable
{
    /// <summary>How long one takes at the most, from the name's look-up to the answer's status.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int LargestHead = 16, LargestRest = 4096;
    private readonly bool isDevelopment;
    private readonly ReceiverAddresses addresses;
    private readonly HttpClient http;

    public LogoutReceivers(BackChannelLogoutOptions options, IHostEnvironment environment)
    {
        isDevelopment = environment.IsDevelopment();
        addresses = new(isDevelopment || options.AllowPrivateAddresses);
        http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync, AllowAutoRedirect = false, UseProxy = false, UseCookies = false, Credentials = null,
            ConnectTimeout = Patience, MaxResponseHeadersLength = LargestHead, MaxResponseDrainSize = LargestRest,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1), PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10), ActivityHeadersPropagator = null,
        }) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd($"{nameof(TokenServer)}/{Spans.Version}");
    }

    /// <summary>Sends <paramref name="token"/> to <paramref name="address"/>.</summary>
    /// <returns>Null where the receiver took it; else why it did not, in words of the program's own.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> says so.</exception>
    public async Task<string?> SendAsync(string address, string token, CancellationToken ct)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || !Allows(uri)) return "the address is not https";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, uri)
                { Content = new FormUrlEncodedContent([KeyValuePair.Create("logout_token", token)]) };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return response.IsSuccessStatusCode ? null : $"the receiver answered {(int)response.StatusCode}";
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"the receiver did not answer within {Patience.TotalSeconds} seconds";
        }
        catch (HttpRequestException e)
        {
            return Words(e);
        }
    }

    public void Dispose() => http.Dispose();

    private bool Allows(Uri uri) =>
        uri.Scheme == Uri.UriSchemeHttps || isDevelopment && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback;

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var allowed = (await Dns.GetHostAddressesAsync(host, ct)).Where(addresses.Allows).ToArray();
        if (allowed.Length == 0) throw new RefusedAddressException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Words(HttpRequestException e) => (e.InnerException, e.HttpRequestError) switch
    {
        (RefusedAddressException, _) => "the name has no public address",
        (AuthenticationException, _) or (_, HttpRequestError.SecureConnectionError) =>
            "the receiver's TLS certificate or protocol is no good",
        (SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }, _)
            or (_, HttpRequestError.NameResolutionError) => "the name is not known",
        (_, HttpRequestError.ConnectionError) => "the receiver cannot be reached",
        _ => "the receiver's answer is no HTTP",
    };

    // What the name stands for now is nothing that a token may be sent to.
    private sealed class RefusedAddressException() : IOException("the address is not public");
}
