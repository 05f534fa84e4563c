using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Dispatch;

/// <summary>Descriptors of our handlers, all singletons.</summary>
internal static class Handler
{
    /// <summary>One of ours at <paramref name="order"/>.</summary>
    public static OpenIddictServerHandlerDescriptor At<TContext, THandler>(int order)
        where TContext : BaseContext where THandler : class, IOpenIddictServerHandler<TContext> =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>().UseSingletonHandler<THandler>()
            .SetOrder(order).SetType(OpenIddictServerHandlerType.Custom).Build();

    /// <summary>One of ours right after one of OpenIddict's.</summary>
    public static OpenIddictServerHandlerDescriptor After<TContext, THandler>(OpenIddictServerHandlerDescriptor other)
        where TContext : BaseContext where THandler : class, IOpenIddictServerHandler<TContext> =>
        At<TContext, THandler>(other.Order + 100);

    /// <summary>One of ours right before one of OpenIddict's.</summary>
    public static OpenIddictServerHandlerDescriptor Before<TContext, THandler>(OpenIddictServerHandlerDescriptor other)
        where TContext : BaseContext where THandler : class, IOpenIddictServerHandler<TContext> =>
        At<TContext, THandler>(other.Order - 100);

    /// <summary>One of ours where one of OpenIddict's was.</summary>
    public static OpenIddictServerHandlerDescriptor InPlaceOf<TContext, THandler>(OpenIddictServerHandlerDescriptor other)
        where TContext : BaseContext where THandler : class, IOpenIddictServerHandler<TContext> =>
        At<TContext, THandler>(other.Order);

    /// <summary>One of OpenIddict's, where one filter more lets it.</summary>
    public static OpenIddictServerHandlerDescriptor Only<TContext, TFilter>(OpenIddictServerHandlerDescriptor other)
        where TContext : BaseContext where TFilter : class, IOpenIddictServerHandlerFilter<TContext> =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>().Import(other).AddFilter<TFilter>().Build();

    /// <summary>One of OpenIddict's, at another place.</summary>
    public static OpenIddictServerHandlerDescriptor Moved<TContext>(OpenIddictServerHandlerDescriptor other, int order)
        where TContext : BaseContext =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>().Import(other).SetOrder(order).Build();
}
