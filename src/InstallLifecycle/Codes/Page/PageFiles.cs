namespace InstallLifecycle.Codes.Page;

/// <summary>What the page is made of beside its HTML, and what its command fetches.</summary>
internal static class PageFiles
{
    private const string Text = "; charset=utf-8", Shell = "text/x-shellscript" + Text;

    public static EmbeddedFile Style { get; } = OfPage("page.css", "text/css" + Text);
    public static EmbeddedFile Script { get; } = OfPage("page.js", "text/javascript" + Text);
    public static EmbeddedFile Watch { get; } = OfPage("watch.js", "text/javascript" + Text);
    public static EmbeddedFile Icon { get; } = OfPage("icon.svg", "image/svg+xml");

    /// <summary>The installer and the agent (samples/installer); null where the assembly was built without them.</summary>
    public static EmbeddedFile? Installer { get; } = Join("install");
    public static EmbeddedFile? Agent { get; } = Join("agent");

    // A script's own parts and the shared ones, in the order of their numbers (docs/decisions/0035).
    private static EmbeddedFile? Join(string script) => EmbeddedFile.Join(typeof(PageFiles).Assembly,
        name => name.StartsWith($"installer/{script}/", StringComparison.Ordinal)
            || name.StartsWith("installer/shared/", StringComparison.Ordinal), Shell);

    private static EmbeddedFile OfPage(string name, string contentType) =>
        Find($"page/{name}", contentType) ?? throw new InvalidOperationException($"{name} is not embedded");

    private static EmbeddedFile? Find(string name, string contentType) => EmbeddedFile.Find(typeof(PageFiles).Assembly, name, contentType);
}
