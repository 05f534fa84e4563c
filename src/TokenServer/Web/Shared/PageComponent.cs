using Microsoft.AspNetCore.Components;
using TokenServer.Accounts;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;

namespace TokenServer.Web.Shared;

/// <summary>A page's component. What it shows comes with the request: Razor makes components public,
/// and a public parameter may have no internal type.</summary>
public abstract class PageComponent : ComponentBase
{
    internal static readonly object ModelKey = new(), FieldKey = new();

    [CascadingParameter]
    private protected HttpContext Context { get; set; } = null!;

    /// <summary>Who looks at the page.</summary>
    private protected Visitor Visitor => Context.Visitor();

    /// <summary>The id of the field that the page's error is about.</summary>
    private protected string? WrongField => (string?)Context.Items[FieldKey];

    /// <summary>Whether who looks at it may see what is of an area of the administration.</summary>
    private protected bool MaySee(AdminArea area) => AdminRights.May(Visitor.Account.Role, new AdminRight(area, Changes: false));

    /// <summary>Whether who looks at it may change what is of an area of the administration.</summary>
    private protected bool MayChange(AdminArea area) => AdminRights.May(Visitor.Account.Role, new AdminRight(area, Changes: true));

    /// <summary>Whether who looks at it may change an account of this role.</summary>
    private protected bool MayTouch(string role) => MayChange(AdminArea.Users) && Rank.MayTouch(Context.Actor(), role);

    /// <summary>What the endpoint gave to <see cref="Page{T}"/>.</summary>
    private protected TModel Model<TModel>() => (TModel)Context.Items[ModelKey]!;
}
