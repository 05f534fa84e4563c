using InstallLifecycle.Codes.Page;
using TokenServer.Foundation;

namespace TokenServer.Web.Shared;

/// <summary>What the pages are made of beside their HTML.</summary>
internal static class PageFiles
{
    private const string Folder = WebModule.Account + "/files/";

    public static PageFile Style { get; } = new("pages.css", "text/css; charset=utf-8");
    public static PageFile Script { get; } = new("pages.js", "text/javascript; charset=utf-8");
    public static PageFile Passkeys { get; } = new("passkeys.js", "text/javascript; charset=utf-8");
    public static PageFile Icon { get; } = new("icon.svg", "image/svg+xml");

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var file in (PageFile[])[Style, Script, Passkeys, Icon])
            routes.MapGet(Folder + file.Name, (RequestDelegate)(context =>
            {
                PageHeaders.Protect(context.Response);
                return file.Content.WriteAsync(context);
            }));
    }

    /// <summary>A file of the pages.</summary>
    internal sealed class PageFile(string name, string contentType)
    {
        public string Name => name;
        public EmbeddedFile Content { get; } = EmbeddedFile.Find(typeof(PageFiles).Assembly, "web/" + name, contentType)
            ?? throw new InvalidOperationException($"{name} is not embedded");

        /// <summary>Where a page finds it; another address for another content.</summary>
        public string Address => $"{Folder}{name}?v={Content.Version}";
    }
}
