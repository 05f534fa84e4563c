using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using OpenIddict.Abstractions;
using TokenServer.Foundation;

namespace TokenServer.Connect.Requests;

/// <summary>
/// The parameters of a form (RFC 6749 appendix B), read strictly: UTF-8 and percent signs must be right, there is no NUL, no parameter
/// appears twice, an empty one counts as absent. The framework's reader replaces or passes on what is broken, so it is read here.
/// </summary>
internal static class Form
{
    // Far more than any request has, and few enough that reading them costs nothing.
    private const int MostParameters = 100;
    private const string MediaType = "application/x-www-form-urlencoded";
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads the body of <paramref name="request"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="repeated">Takes the names that appear twice, whose first value counts; null where that is an error.</param>
    /// <returns>The request for OpenIddict, or the error to answer with.</returns>
    public static async ValueTask<(OpenIddictRequest? Request, OAuthError? Error)> ReadAsync(
        HttpRequest request, ICollection<string>? repeated = null)
    {
        if (!IsForm(request.ContentType)) return (null, OAuthError.InvalidRequest($"the body must be {MediaType}"));
        ReadResult read;
        while (true)
        {
            read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            if (read.IsCompleted || read.Buffer.Length > RequestLimits.LargestBody) break;
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
        var result = read.Buffer.Length > RequestLimits.LargestBody ? (null, OAuthError.TooLarge()) : Parse(read.Buffer, repeated);
        request.BodyReader.AdvanceTo(read.Buffer.End);
        return result;
    }

    /// <summary>Reads the query of <paramref name="request"/>, as strictly.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static (OpenIddictRequest? Request, OAuthError? Error) ReadQuery(HttpRequest request, ICollection<string>? repeated = null) =>
        Parse(new ReadOnlySequence<byte>(Utf8.GetBytes(request.QueryString.Value is ['?', .. var query] ? query : "")), repeated);

    private static bool IsForm(string? contentType) =>
        contentType is not null && contentType.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == MediaType.Length || contentType[MediaType.Length] is ';' or ' ');

    private static (OpenIddictRequest?, OAuthError?) Parse(ReadOnlySequence<byte> body, ICollection<string>? repeated)
    {
        byte[]? whole = body.IsSingleSegment ? null : body.ToArray();
        try
        {
            return Parse(whole ?? body.FirstSpan, repeated);
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return (null, OAuthError.InvalidRequest("the form is not well-formed: percent-encoded UTF-8 without NUL is expected"));
        }
    }

    private static (OpenIddictRequest?, OAuthError?) Parse(ReadOnlySpan<byte> body, ICollection<string>? repeated)
    {
        var request = new OpenIddictRequest();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            if (pair.IsEmpty) continue;
            if (names.Count == MostParameters) return (null, OAuthError.InvalidRequest("there are too many parameters"));
            int equals = pair.IndexOf((byte)'=');
            string name = Decode(equals < 0 ? pair : pair[..equals]), value = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            if (!names.Add(name))
            {
                if (repeated is null) return (null, OAuthError.InvalidRequest("a parameter appears more than once"));
                repeated.Add(name);
            }
            else if (name.Length > 0 && value.Length > 0) request.AddParameter(name, value);
        }
        return (request, null);
    }

    /// <summary>Decodes one name or value of a form.</summary>
    /// <exception cref="FormatException">A percent sign is not followed by two hex digits, or there is a NUL.</exception>
    /// <exception cref="DecoderFallbackException">The bytes are not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny((byte)'%', (byte)'+', (byte)0) < 0) return Utf8.GetString(text);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            int length = 0;
            for (int i = 0; i < text.Length; i++)
            {
                byte b = text[i];
                if (b == '+') b = (byte)' ';
                else if (b == '%')
                {
                    if (i + 2 >= text.Length || !IsHex(text.Slice(i + 1, 2), out b)) throw new FormatException();
                    i += 2;
                }
                if (b == 0) throw new FormatException();
                bytes[length++] = b;
            }
            return Utf8.GetString(bytes, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        }
    }

    private static bool IsHex(ReadOnlySpan<byte> digits, out byte value) =>
        byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
