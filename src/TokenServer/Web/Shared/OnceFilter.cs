using TokenServer.Foundation;

namespace TokenServer.Web.Shared;

/// <summary>What every page goes through once it may: a form acts once, and what was made is shown once.</summary>
internal sealed class OnceFilter(FormAnswers answers, MadeSecrets secrets) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsGet(http.Request.Method)) await secrets.TakeAsync(http);
        return http.Features.Get<SentForm>() is { } form
            ? await answers.OnceAsync(http, form, () => next(context)) : await next(context);
    }
}
