using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using TokenServer.Foundation;

namespace TokenServer.Connect;

/// <summary>
/// The parameters of a form (RFC 6749 appendix B), read strictly: UTF-8 and percent signs must be right, there is no NUL, no parameter
/// appears twice, an empty one counts as absent. The framework's reader replaces or passes on what is broken, so it is read here.
/// </summary>
internal sealed class Form
{
    // Far more than any request has, and few enough that comparing each with each costs nothing.
    private const int MostParameters = 100;
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private readonly List<(string Name, string Value)> parameters = new(4);

    public string? this[string name]
    {
        get
        {
            foreach (var (known, value) in parameters)
                if (known == name) return value.Length == 0 ? null : value;
            return null;
        }
    }

    /// <summary>Reads the body of <paramref name="request"/>.</summary>
    /// <returns>The form, or the error to answer with.</returns>
    public static async ValueTask<(Form? Form, OAuthError? Error)> ReadAsync(HttpRequest request)
    {
        if (!IsForm(request.ContentType)) return (null, OAuthError.InvalidRequest("the body must be application/x-www-form-urlencoded"));
        ReadResult read;
        while (true)
        {
            read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            if (read.IsCompleted || read.Buffer.Length > RequestLimits.LargestBody) break;
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
        var result = read.Buffer.Length > RequestLimits.LargestBody ? (null, OAuthError.TooLarge()) : Parse(read.Buffer);
        request.BodyReader.AdvanceTo(read.Buffer.End);
        return result;
    }

    private static bool IsForm(string? contentType)
    {
        const string Form = "application/x-www-form-urlencoded";
        return contentType is not null && contentType.StartsWith(Form, StringComparison.OrdinalIgnoreCase) && (contentType.Length == Form.Length || contentType[Form.Length] is ';' or ' ');
    }

    private static (Form?, OAuthError?) Parse(ReadOnlySequence<byte> body)
    {
        byte[]? rented = body.IsSingleSegment ? null : body.ToArray();
        try
        {
            return Parse(rented ?? body.FirstSpan);
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return (null, OAuthError.InvalidRequest("the form is not well-formed: percent-encoded UTF-8 without NUL is expected"));
        }
    }

    private static (Form?, OAuthError?) Parse(ReadOnlySpan<byte> body)
    {
        var form = new Form();
        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            if (pair.IsEmpty) continue;
            if (form.parameters.Count == MostParameters) return (null, OAuthError.InvalidRequest("there are too many parameters"));
            int equals = pair.IndexOf((byte)'=');
            string name = Decode(equals < 0 ? pair : pair[..equals]), value = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            foreach (var (known, _) in form.parameters)
                if (known == name) return (null, OAuthError.InvalidRequest("a parameter appears more than once"));
            form.parameters.Add((name, value));
        }
        return (form, null);
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
                    if (i + 2 >= text.Length || !byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out b)) throw new FormatException();
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
}
