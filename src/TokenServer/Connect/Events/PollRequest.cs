using System.Text.Json;
using OpenIddict.Abstractions;
using TokenServer.Foundation;

namespace TokenServer.Connect.Events;

/// <summary>What a poll asks for (RFC 8936 section 2.2), read strictly. Beside it may stand <c>cursor</c>, of a reader that keeps its place
/// itself, <c>reader</c>, its name where several read for one client, and what the client proves itself with.</summary>
internal sealed record PollRequest
{
    public const int MostEvents = 500;
    private const int UsualEvents = 100, LongestText = 200, LongestName = 64;
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    public required OpenIddictRequest Credentials { get; init; }
    public int Most { get; init; } = UsualEvents;
    public bool ReturnsImmediately { get; init; }

    /// <summary>The <c>jti</c> of what was taken, and of what could not be: it is not told again.</summary>
    public IReadOnlySet<string> Acknowledged { get; init; } = new HashSet<string>();

    /// <summary>What the reader said is wrong with events; printable.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Where it goes on; null where that is what it acknowledged.</summary>
    public string? Cursor { get; init; }
    public string Name { get; init; } = "";

    public static async ValueTask<(PollRequest? Request, OAuthError? Error)> ReadAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            return (null, new("invalid_request", "the body must be application/json", StatusCodes.Status415UnsupportedMediaType));
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        if (bytes.Length > RequestLimits.LargestBody) return (null, OAuthError.TooLarge());
        try
        {
            bytes.Position = 0;
            using var document = JsonDocument.Parse(bytes, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object ? (Read(document.RootElement), null)
                : (null, OAuthError.InvalidRequest("the body must be a JSON object"));
        }
        catch (FormatException e)
        {
            return (null, OAuthError.InvalidRequest(e.Message));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is what a text that is no Unicode throws.
            return (null, OAuthError.InvalidRequest("the body is not valid JSON"));
        }
    }

    /// <summary>Whether a reader may be called so: up to 64 letters, digits and <c>. _ -</c>.</summary>
    public static bool IsName(string name) =>
        name.Length <= LongestName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static PollRequest Read(JsonElement body)
    {
        string name = Text(body, "reader") ?? "";
        if (!IsName(name)) throw new FormatException("reader must be up to 64 letters, digits and . _ -");
        var (acknowledged, errors) = Acknowledgements(body);
        return new()
        {
            Credentials = new OpenIddictRequest
            {
                ClientId = Credential(body, "client_id"), ClientSecret = Credential(body, "client_secret"),
                ClientAssertion = Credential(body, "client_assertion"), ClientAssertionType = Credential(body, "client_assertion_type"),
            },
            Most = Number(body, "maxEvents") is { } most ? Math.Min(most, MostEvents) : UsualEvents,
            ReturnsImmediately = Truth(body, "returnImmediately"), Acknowledged = acknowledged, Errors = errors,
            Cursor = Text(body, "cursor"), Name = name,
        };
    }

    private static (IReadOnlySet<string>, IReadOnlyList<string>) Acknowledgements(JsonElement body)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var errors = new List<string>();
        if (Member(body, "ack", JsonValueKind.Array, "an array of strings") is { } list)
        {
            foreach (var id in list.EnumerateArray())
            {
                if (id.ValueKind != JsonValueKind.String) throw new FormatException("ack must be an array of strings");
                ids.Add(id.GetString()!);
            }
        }
        if (Member(body, "setErrs", JsonValueKind.Object, "an object of objects") is { } wrong)
        {
            foreach (var error in wrong.EnumerateObject())
            {
                if (error.Value.ValueKind != JsonValueKind.Object) throw new FormatException("setErrs must be an object of objects");
                ids.Add(error.Name);
                errors.Add(Printable(Text(error.Value, "err") ?? ""));
            }
        }
        return (ids, errors);
    }

    private static JsonElement? Member(JsonElement body, string name, JsonValueKind kind, string words)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == kind ? value : throw new FormatException($"{name} must be {words}");
    }

    private static string? Text(JsonElement body, string name)
    {
        string? text = Member(body, name, JsonValueKind.String, "a string")?.GetString();
        return text?.Length > LongestText ? throw new FormatException($"{name} must not be longer than {LongestText} characters") : text;
    }

    // As in a form: an empty one counts as absent.
    private static string? Credential(JsonElement body, string name) =>
        Member(body, name, JsonValueKind.String, "a string")?.GetString() is { Length: > 0 } text ? text : null;

    private static int? Number(JsonElement body, string name)
    {
        if (Member(body, name, JsonValueKind.Number, "a whole number") is not { } value) return null;
        return value.TryGetInt32(out int number) && number >= 0 ? number : throw new FormatException($"{name} must be a whole number");
    }

    private static bool Truth(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return false;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw new FormatException($"{name} must be true or false");
    }

    private static string Printable(string text) => string.Concat(text.Where(c => c is >= ' ' and <= '~'));
}
