using Microsoft.AspNetCore.Components;
using TokenServer.Web.Authentication;

namespace TokenServer.Web.Shared;

/// <summary>A page's component. What it shows comes with the request: Razor makes components public,
/// and a public parameter may have no internal type.</summary>
public abstract class PageComponent : ComponentBase
{
    internal static readonly object ModelKey = new();

    [CascadingParameter]
    private protected HttpContext Context { get; set; } = null!;

    /// <summary>Who looks at the page.</summary>
    private protected Visitor Visitor => Context.Visitor();

    /// <summary>What the endpoint gave to <see cref="Page{T}"/>.</summary>
    private protected TModel Model<TModel>() => (TModel)Context.Items[ModelKey]!;
}
