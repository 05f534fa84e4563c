namespace TokenServer.Web.Shared;

/// <summary>What was typed into a form, without what is secret of it.</summary>
/// <param name="Action">Where the form goes to: path and query.</param>
/// <param name="Mark">The form's mark: filled again it is the same form, and acts once. Null where it is too old for that.</param>
/// <param name="Fields">The values of each field.</param>
/// <param name="LacksSecrets">Whether a secret was typed, too, and has to be typed again.</param>
internal sealed record TypedForm(string Action, string? Mark, Dictionary<string, string[]> Fields, bool LacksSecrets)
{
    // By name, since a form that is sent does not say of which kind its fields are; a test reads the names in the pages.
    private static readonly string[] Secrets = ["code", "token", "pasted", "credential", "ceremony"];

    /// <summary>Characters of all fields.</summary>
    [JsonIgnore]
    public int Length => Fields.Sum(f => f.Key.Length + f.Value.Sum(v => v.Length + 1));

    /// <summary>Whether a field is for a secret: a password, a code, a token. It is never kept, nor filled in.</summary>
    public static bool IsSecret(string field) => Secrets.Contains(field, StringComparer.Ordinal)
        || field.Contains("password", StringComparison.OrdinalIgnoreCase) || field.Contains("secret", StringComparison.OrdinalIgnoreCase);

    /// <summary>Who typed it.</summary>
    public int Account { get; init; }

    /// <summary>Where <paramref name="request"/> goes to: path and query.</summary>
    public static string ActionOf(HttpRequest request) => request.Path.ToUriComponent() + request.QueryString.ToUriComponent();

    /// <summary>What <paramref name="request"/> sends, which <paramref name="account"/> has typed.</summary>
    public static TypedForm Of(HttpRequest request, int account)
    {
        var typed = request.Form.Where(f => f.Key is not (FormAnswers.Field or WebModule.AntiforgeryField)).ToList();
        var fields = typed.Where(f => !IsSecret(f.Key)).ToDictionary(f => f.Key, f => f.Value.OfType<string>().ToArray());
        return new(ActionOf(request), request.Form[FormAnswers.Field].ToString(), fields, LacksSecrets: fields.Count < typed.Count)
            { Account = account };
    }

    /// <summary>The values of <paramref name="field"/>; none where it was not sent.</summary>
    public string[] this[string field] => Fields.GetValueOrDefault(field, []);
}

[JsonSerializable(typeof(TypedForm))]
internal sealed partial class TypedFormJson : JsonSerializerContext;
