namespace TokenServer.Web.Shared;

/// <summary>Maps pages. All that guards them is in one filter of their group, and the strictest is what a page gets that asks for nothing:
/// a visitor who is signed in, a form of ours.</summary>
internal static class PageGroup
{
    /// <summary>A group of pages below <paramref name="prefix"/>.</summary>
    public static RouteGroupBuilder MapPages(this IEndpointRouteBuilder routes, string prefix)
    {
        var pages = routes.MapGroup(prefix);
        pages.AddEndpointFilter<RouteGroupBuilder, PageFilter>().AddEndpointFilter<RouteGroupBuilder, OnceFilter>();
        return pages;
    }

    /// <summary>For strangers too.</summary>
    public static T ForEveryone<T>(this T page) where T : IEndpointConventionBuilder => page.WithMetadata(new OpenPage());

    /// <summary>For who administers, by a role that may do what the page does.</summary>
    public static T ForAdministrators<T>(this T page) where T : IEndpointConventionBuilder => page.WithMetadata(new AdminPage());

    /// <summary>Only by a session that was made with a second factor.</summary>
    public static T WithSecondFactor<T>(this T page) where T : IEndpointConventionBuilder => page.WithMetadata(new TwoFactorOnly());

    /// <summary>Only a short while after signing in; later the visitor signs in again first.</summary>
    public static T AfterRecentSignIn<T>(this T page) where T : IEndpointConventionBuilder => page.WithMetadata(new RecentPage());

    /// <summary>A form that changes nothing: sent twice it may answer twice, and what it answers is not kept.</summary>
    public static T OnlyAsks<T>(this T page) where T : IEndpointConventionBuilder => page.WithMetadata(new Question());

    /// <summary>A form that is on a page whose address is not the beginning of its own.</summary>
    public static T OnPage<T>(this T form, string path) where T : IEndpointConventionBuilder => form.WithMetadata(new FormPage(path));

    /// <summary>Counts for the limit of forms that check a password or a code.</summary>
    public static T ChecksCredentials<T>(this T page) where T : IEndpointConventionBuilder => page.WithMetadata(new CredentialForm());
}

/// <summary>See <see cref="PageGroup.OnlyAsks"/>.</summary>
internal sealed record Question;

/// <summary>See <see cref="PageGroup.OnPage"/>.</summary>
internal sealed record FormPage(string Path);

/// <summary>See <see cref="PageGroup.ForEveryone"/>.</summary>
internal sealed record OpenPage;

/// <summary>See <see cref="PageGroup.ForAdministrators"/>.</summary>
internal sealed record AdminPage;

/// <summary>See <see cref="PageGroup.WithSecondFactor"/>.</summary>
internal sealed record TwoFactorOnly;

/// <summary>See <see cref="PageGroup.AfterRecentSignIn"/>.</summary>
internal sealed record RecentPage;

/// <summary>See <see cref="PageGroup.ChecksCredentials"/>.</summary>
internal sealed record CredentialForm;
