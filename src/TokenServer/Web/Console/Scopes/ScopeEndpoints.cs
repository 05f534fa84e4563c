using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Scopes;

/// <summary>/admin/scopes: list, register, read, change, and delete after asking.</summary>
internal static class ScopeEndpoints
{
    public const string Path = WebModule.Console + "/scopes";
    private const int LongestText = 500;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/scopes", IResult (HttpContext context, RegisteredScopes scopes) => List(context, scopes));
        pages.MapGet("/scopes/new", IResult () => new Page<ScopePage>(new ScopeForm(new()))).AfterRecentSignIn();
        pages.MapPost("/scopes/new", AddAsync).AfterRecentSignIn();
        pages.MapGet("/scopes/{name}", Get);
        pages.MapPost("/scopes/{name}", ChangeAsync).AfterRecentSignIn();
        pages.MapGet("/scopes/{name}/delete", AskDelete).AfterRecentSignIn();
        pages.MapPost("/scopes/{name}/delete", DeleteAsync).AfterRecentSignIn();
    }

    /// <summary>The page of a scope.</summary>
    public static string PathOf(string name) => $"{Path}/{Uri.EscapeDataString(name)}";

    private static Page<ScopesPage> List(HttpContext context, RegisteredScopes scopes)
    {
        var query = new ListQuery(context.Request);
        var part = query.Part;
        var all = scopes.All.Where(s => part is null || part.IsIn(s.Name) || part.IsIn(s.DisplayName)).ToList();
        var list = query.Page(stretch => stretch.Of(all, s => s.Id), s => s.Id, _ => all.Count);
        return new Page<ScopesPage>(list, list.Status);
    }

    private static IResult Get(string name, RegisteredScopes scopes) => FindAt(scopes, name) is { } scope
        ? new Page<ScopePage>(new ScopeForm(ScopeRegistration.Of(scope)) { Name = scope.Name, Version = scope.ConcurrencyToken ?? "" })
        : ErrorPages.Of(Fault.NotFound);

    private static async Task<IResult> AddAsync(HttpContext context, RegisteredScopes scopes)
    {
        var (registration, problem) = Read(context.Request);
        registration.Name = context.Request.Text("name", 100) ?? "";
        if ((problem ?? await scopes.AddAsync(registration, context.Actor())) is { } wrong)
            return new Page<ScopePage>(new ScopeForm(registration) { Error = FormWords.NotSaved(wrong) }, StatusCodes.Status400BadRequest)
                { Field = FieldWords.FieldOf(wrong) };
        return Go.To(PathOf(registration.Name), Notice.ScopeAdded);
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, string name, RegisteredScopes scopes)
    {
        if (FindAt(scopes, name) is not { Name: { } known }) return ErrorPages.Of(Fault.NotFound);
        var (wanted, problem) = Read(context.Request);
        wanted.Name = known;
        string version = context.Request.Text("version", 100) ?? "";
        var refused = problem is null ? (await scopes.UpdateAsync(known, seen => seen == version, _ => wanted, context.Actor())).Refused
            : new ChangeRefused(problem);
        if (refused is null) return Go.To(PathOf(known), Notice.ScopeSaved);
        if (refused == ChangeRefused.NotThere) return ErrorPages.Of(Fault.NotFound);
        bool isStale = refused == ChangeRefused.Stale;
        string error = isStale ? ScopePage.Stale : FormWords.NotSaved(refused.Problem);
        return new Page<ScopePage>(new ScopeForm(wanted) { Name = known, Version = version, Error = error, IsStale = isStale },
            isStale ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest) { Field = FieldWords.FieldOf(refused.Problem) };
    }

    private static IResult AskDelete(string name, RegisteredScopes scopes) =>
        FindAt(scopes, name) is { Name: { } known } ? Ask(known).Ask() : ErrorPages.Of(Fault.NotFound);

    private static async Task<IResult> DeleteAsync(HttpContext context, string name, RegisteredScopes scopes)
    {
        if (FindAt(scopes, name) is not { Name: { } known }) return ErrorPages.Of(Fault.NotFound);
        return await scopes.DeleteAsync(known, context.Actor()) is { IsConflict: true } refused
            ? (Ask(known) with { Error = FormWords.NotDone(refused.Problem) }).Ask(StatusCodes.Status409Conflict)
            : Go.To(Path, Notice.ScopeDeleted);
    }

    private static Confirmation Ask(string name) => new(ScopeActWords.Delete(name), PathOf(name));

    // A slash is the one character that routing leaves as it was sent.
    private static ScopeRow? FindAt(RegisteredScopes scopes, string segment) =>
        scopes.Find(segment) ?? scopes.Find(segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));

    private static (ScopeRegistration Registration, string? Problem) Read(HttpRequest request)
    {
        var form = new FieldReader(request);
        var registration = new ScopeRegistration
        {
            DisplayName = form.Text("display_name", LongestText), Description = form.Text("description", LongestText),
            Resources = form.Words("resources", ClientRegistration.LongestList),
        };
        return (registration, form.Problem);
    }
}

/// <summary>What the page of a scope shows.</summary>
/// <param name="Fields">What the form has in it.</param>
internal sealed record ScopeForm(ScopeRegistration Fields)
{
    /// <summary>Null while it is not registered.</summary>
    public string? Name { get; init; }

    /// <summary>The scope's as the form was made from.</summary>
    public string Version { get; init; } = "";
    public string? Error { get; init; }
    public bool IsStale { get; init; }
}
