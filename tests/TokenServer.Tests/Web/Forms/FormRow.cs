using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Forms;

/// <summary>A form that acts, and how somebody comes to it and fills it in.</summary>
/// <param name="Route">The route that it is sent to, as it is mapped.</param>
internal sealed record FormRow(string Route)
{
    /// <summary>What it is done to, made for this time; the route's parameters are in it. The route itself where it has none.</summary>
    public Func<FormVisit, Task<string>>? Target { get; init; }

    /// <summary>Who is there; a user who has nothing where the form is of the account, else the administrator.</summary>
    public Func<FormSite, Task<FormUser>>? Who { get; init; }

    /// <summary>The page that the form is on, by the target; else as the pages have it.</summary>
    public string? Page { get; init; }

    /// <summary>Opens the page where an address alone does not.</summary>
    public Func<FormVisit, Task<Answer>>? Open { get; init; }

    /// <summary>What is typed. It is there again after signing in.</summary>
    public (string Name, string Value)[] Typed { get; init; } = [];

    /// <summary>A hidden field by which the form is told from others with its address.</summary>
    public (string Name, string Value)? Hidden { get; init; }

    /// <summary>What is typed that is secret, by the page that it is typed into; it is typed again.</summary>
    public Func<FormVisit, Answer, (string Name, string Value)[]>? Secrets { get; init; }

    /// <summary>The page with the form again, by the page that the sign-in leads back to, where that is another.</summary>
    public Func<FormVisit, Answer, Task<Answer>>? Again { get; init; }

    /// <summary>Whether the audit trail tells of the act.</summary>
    public bool IsAudited { get; init; } = true;

    /// <summary>What the act answers.</summary>
    public int Status { get; init; } = 303;

    public override string ToString() => Route;
}

/// <summary>Somebody in front of a form.</summary>
internal sealed record FormVisit(FormSite Site, FormUser User, Browser Browser)
{
    public TestServer Server => Site.Server;

    /// <summary>The browser's session.</summary>
    public long Session { get; set; }

    /// <summary>The form's address.</summary>
    public string Path { get; set; } = "";
}
