using System.Text;
using Microsoft.Extensions.Primitives;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Requests;

/// <summary>
/// Extract…Request, in place of OpenIddict's: client_secret_basic (RFC 6749 section 2.3.1), where a header that cannot be read is a
/// client that did not authenticate, and one that says other than the form is an invalid request. Another scheme is not a client's
/// (contract section 1).
/// </summary>
internal sealed class ReadBasic<TContext> : IOpenIddictServerHandler<TContext> where TContext : BaseValidatingContext
{
    private const string Scheme = "Basic";
    private const int LongestHeader = 8192;

    public ValueTask HandleAsync(TContext context)
    {
        var state = ConnectRequest.Of(context);
        var (count, header) = Find(state.Http.Request.Headers.Authorization);
        if (count == 0) return default;
        state.UsedBasic = true;
        var request = context.Transaction.Request!;
        if (count > 1 || Read(header!) is not var (id, secret)) context.Reject("invalid_client");
        else if (request.ClientSecret is not null)
            context.Refuse(OAuthError.InvalidRequest("the client authenticates in two ways at once"));
        else if (request.ClientId is { } named && named != id)
            context.Refuse(OAuthError.InvalidRequest("client_id differs from the one in the Authorization header"));
        else (request.ClientId, request.ClientSecret) = (id, secret);
        return default;
    }

    // What is of another scheme is for somebody else: a proxy or a gateway on the way.
    private static (int Count, string? Header) Find(StringValues headers)
    {
        var (count, found) = (0, (string?)null);
        foreach (string? header in headers)
            if (IsBasic(header)) (count, found) = (count + 1, header);
        return (count, found);
    }

    private static bool IsBasic(string? header) => header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && (header.Length == Scheme.Length || header[Scheme.Length] is ' ' or '\t');

    // Id and secret are form-encoded before they are joined and put into base 64.
    private static (string Id, string? Secret)? Read(string header)
    {
        if (header.Length > LongestHeader) return null;
        Span<byte> bytes = new byte[header.Length];
        if (!Convert.TryFromBase64Chars(header.AsSpan(Scheme.Length).Trim(), bytes, out int length)) return null;
        int colon = bytes[..length].IndexOf((byte)':');
        if (colon <= 0) return null;
        try
        {
            string secret = Form.Decode(bytes[(colon + 1)..length]);
            return (Form.Decode(bytes[..colon]), secret.Length == 0 ? null : secret);
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
