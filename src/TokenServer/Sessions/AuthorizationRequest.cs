using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Sessions;

/// <summary>An authorization request (OpenID Connect Core section 3.1.2.1, RFC 9126) as it is stored until it is answered.</summary>
internal sealed class AuthorizationRequest
{
    // None of them is a parameter's name.
    private const string Pushed = "@pushed", Opened = "@opened", Browser = "@browser", Denied = "@denied", Chosen = "@chosen",
        Allowed = "@allowed";
    private const string KeyName = "dpop_jkt";
    private readonly Dictionary<string, string> members;

    private AuthorizationRequest(long id, Client client, DateTime createdAt, Dictionary<string, string> members)
    {
        (Id, Client, CreatedAt, this.members) = (id, client, createdAt, members);
        Scopes = ScopeSet.Parse(members.GetValueOrDefault("scope")) is { Count: > 0 } named ? named : client.DefaultScopes;
        Prompt = ScopeSet.Parse(members.GetValueOrDefault("prompt"));
    }

    /// <summary>The row's key.</summary>
    public long Id { get; }

    /// <summary>The client that asks.</summary>
    public Client Client { get; }

    /// <summary>When it was stored, UTC.</summary>
    public DateTime CreatedAt { get; }

    /// <summary>The scopes that are asked for, or those that the client gets when it names none.</summary>
    public ScopeSet Scopes { get; }

    /// <summary>The values of <c>prompt</c>.</summary>
    public ScopeSet Prompt { get; }

    /// <summary>Where the answer goes: an address that the client has registered.</summary>
    public string RedirectUri => members["redirect_uri"];

    /// <summary>What the client knows of who is to sign in, to fill the form; null where it says nothing.</summary>
    public string? LoginHint => this["login_hint"];
    public string? AcrValues => this["acr_values"];

    /// <summary>The key that the code's exchange has to prove; null where none is named.</summary>
    public string? KeyThumbprint => this[KeyName];

    /// <summary>Seconds; null where any sign-in is recent enough.</summary>
    public long? MaxAge => long.TryParse(this["max_age"], NumberStyles.None, CultureInfo.InvariantCulture, out long age) ? age : null;

    /// <summary>Whether the client pushed it itself (RFC 9126).</summary>
    public bool IsPushed => members.ContainsKey(Pushed);

    /// <summary>Whether a browser has come with it and been sent to a page.</summary>
    public bool IsOpened => members.ContainsKey(Opened);

    /// <summary>Whether <paramref name="session"/>, a browser's sign-in, was made for this request: after it was opened.</summary>
    public bool IsSignedInFor(OpenSession session) =>
        OpenedAs is { } mark && session.Id > mark && session.AuthTime >= TimeOrderedId.TimeOf(mark);

    /// <summary>The parameters, each by its name.</summary>
    public IEnumerable<KeyValuePair<string, string>> Parameters => members.Where(m => m.Key[0] != '@');

    /// <summary>A parameter; null where it was not sent.</summary>
    public string? this[string name] => members.GetValueOrDefault(name);

    /// <summary>Whether the browser of <paramref name="key"/> may go on with it: the one that came first.</summary>
    public bool IsOf(string? key) => this[Browser] is not { } first || first == key;

    /// <summary>Whether the person of this sign-in has said no.</summary>
    public bool IsDeniedBy(long signInId) => this[Denied] == TimeOrderedId.ToText(signInId);

    /// <summary>Whether the person of this sign-in has said yes to this request, and not to another of the same client.</summary>
    public bool IsAllowedBy(long signInId) => this[Allowed] == TimeOrderedId.ToText(signInId);

    /// <summary>Whether the person goes on as the account of this sign-in.</summary>
    public bool IsChosenBy(long signInId) => this[Chosen] == TimeOrderedId.ToText(signInId);

    /// <summary>One that is not stored, or not yet.</summary>
    public static AuthorizationRequest Of(Client client, IEnumerable<KeyValuePair<string, string>> parameters, DateTime now) =>
        new(0, client, now, new Dictionary<string, string>(parameters));

    /// <summary>The same, whose code is for the holder of this key alone (RFC 9449 section 10.1).</summary>
    public AuthorizationRequest For(string keyThumbprint) => new(Id, Client, CreatedAt, new(members) { [KeyName] = keyThumbprint });

    public string ToJson(bool isPushed) => isPushed ? With((Pushed, "1")) : ClientColumns.Write(members);

    public static AuthorizationRequest Read(long id, Client client, DateTime createdAt, string properties) =>
        new(id, client, createdAt, ClientColumns.ReadTexts(properties));

    /// <param name="key">What the browser is known by.</param>
    /// <param name="mark">An id of this moment.</param>
    public string WithOpened(string key, long mark) => With((Opened, TimeOrderedId.ToText(mark)), (Browser, key));

    public string WithDenied(long signInId) => With((Denied, TimeOrderedId.ToText(signInId)));

    public string WithAllowed(long signInId) => With((Allowed, TimeOrderedId.ToText(signInId)));

    public string WithChosen(long signInId) => With((Chosen, TimeOrderedId.ToText(signInId)));

    private string With(params (string Name, string Value)[] more)
    {
        var changed = new Dictionary<string, string>(members);
        foreach (var (name, value) in more) changed[name] = value;
        return ClientColumns.Write(changed);
    }

    private long? OpenedAs => TimeOrderedId.Parse(this[Opened]);
}
