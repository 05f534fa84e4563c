using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Clients;

/// <summary>/admin/clients: list, register, read and change.</summary>
internal static class ClientEndpoints
{
    public const string Path = WebModule.Console + "/clients", New = Path + "/new";

    /// <summary>Where a client is registered that signs in nobody and gets tokens for itself (RFC 6749 section 4.4).</summary>
    public const string NewMachine = New + "?for=" + Machine;

    private const string Revoked = "revoked", Machine = "machine";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/clients", IResult (HttpContext context, ClientRegistry clients) => List(context, clients));
        pages.MapGet("/clients/new", IResult (HttpContext context, ScopeRegistry scopes) => new Page<ClientPage>(
            new ClientForm(Begun(context.Request.Query["for"] == Machine), [.. scopes.Names]))).AfterRecentSignIn();
        pages.MapPost("/clients/new", AddAsync).AfterRecentSignIn();
        pages.MapGet("/clients/{id}", Get);
        pages.MapPost("/clients/{id}", ChangeAsync).AfterRecentSignIn();
    }

    /// <summary>The page of a client.</summary>
    public static string PathOf(string clientId) => $"{Path}/{Uri.EscapeDataString(clientId)}";

    /// <summary>The client of an address, if somebody registered it; the server's own is no registration of anybody's.</summary>
    public static Client? FindAt(this ClientRegistry clients, string id) =>
        // A slash is the one character that routing leaves as it was sent.
        clients.FindRegistered(id) ?? clients.FindRegistered(id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));

    // What a form begins with.
    private static ClientRegistration Begun(bool isMachine) => new()
    {
        TokenEndpointAuthMethod = "client_secret_basic", GrantTypes = isMachine ? [KnownGrants.ClientCredentials] : [],
    };

    /// <summary>The page of a client as it is now.</summary>
    private static Page<ClientPage> Show(Client client, ScopeRegistry scopes, string? secret) =>
        new Page<ClientPage>(new ClientForm(ClientRegistration.Of(client),
            [.. scopes.Names]) { Client = client, Version = client.Version, Secret = secret });

    private static Page<ClientsPage> List(HttpContext context, ClientRegistry clients)
    {
        var query = new ListQuery(context.Request);
        string? status = query.OneOf("status", "active", Revoked);
        var part = query.Part;
        var all = clients.Registered.Where(c => (status is null || c.IsRevoked == (status == Revoked))
            && (part is null || part.IsIn(c.ClientId) || part.IsIn(c.Name))).ToList();
        var list = query.Page(stretch => stretch.Of(all, c => c.Id), c => c.Id, _ => all.Count);
        return new Page<ClientsPage>(list, list.Status);
    }

    private static IResult Get(HttpContext context, string id, ClientRegistry clients, ScopeRegistry scopes) =>
        clients.FindAt(id) is { } client ? Show(client, scopes, context.Made()?[0]) : ErrorPages.Of(Fault.NotFound);

    private static async Task<IResult> AddAsync(HttpContext context, ClientRegistry clients, ScopeRegistry scopes,
        MadeSecrets secrets)
    {
        var (registration, problem) = ClientFields.Read(context.Request);
        registration.ClientId = context.Request.Text("client_id", 100);
        string? secret = registration.WantsSecret ? ClientRegistry.NewSecret() : null;
        registration.ClientSecret = secret;
        if ((problem ?? await clients.AddAsync(registration, context.Actor())) is { } wrong)
            return new Page<ClientPage>(new ClientForm(registration, [.. scopes.Names]) { Error = FormWords.NotSaved(wrong) },
                StatusCodes.Status400BadRequest) { Field = FieldWords.FieldOf(wrong) };
        return secret is null ? Go.To(PathOf(registration.ClientId!), Notice.ClientAdded)
            : await secrets.ShowAsync(context, PathOf(registration.ClientId!), secret);
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, string id, ClientRegistry clients, ScopeRegistry scopes)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        var (wanted, problem) = ClientFields.Read(context.Request);
        string version = context.Request.Text("version", 100) ?? "";
        var refused = problem is null ? (await clients.UpdateAsync(client.ClientId,
            seen => seen == version, current => With(current, wanted), context.Actor())).Refused : new ChangeRefused(problem);
        if (refused is null) return Go.To(PathOf(client.ClientId), Notice.ClientSaved);
        if (refused == ChangeRefused.NotThere) return ErrorPages.Of(Fault.NotFound);
        bool isStale = refused == ChangeRefused.Stale;
        string error = isStale ? ClientPage.Stale : FormWords.NotSaved(refused.Problem);
        return new Page<ClientPage>(
            new ClientForm(wanted, [.. scopes.Names]) { Client = client, Version = version, Error = error, IsStale = isStale },
            isStale ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest) { Field = FieldWords.FieldOf(refused.Problem) };
    }

    // What no form says: who it is.
    private static ClientRegistration With(ClientRegistration current, ClientRegistration wanted)
    {
        (wanted.ClientId, wanted.ClientSecret) = (current.ClientId, current.ClientSecret);
        return wanted;
    }

}

/// <summary>What the page of a client shows.</summary>
/// <param name="Fields">What the form has in it.</param>
/// <param name="Scopes">The scopes that exist.</param>
internal sealed record ClientForm(ClientRegistration Fields, IReadOnlyList<string> Scopes)
{
    /// <summary>Null while it is not registered.</summary>
    public Client? Client { get; init; }

    /// <summary>The client's as the form was made from.</summary>
    public string Version { get; init; } = "";

    /// <summary>The secret just made.</summary>
    public string? Secret { get; init; }
    public string? Error { get; init; }
    public bool IsStale { get; init; }
}
