using TokenServer.Foundation;

namespace TokenServer.Web.Shared;

/// <summary>What every page goes through once it may: a form acts once, what was made is shown once, and what was typed before signing in
/// again is in its form.</summary>
internal sealed class OnceFilter(FormAnswers answers, MadeSecrets secrets, TypedForms typed) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsGet(http.Request.Method))
        {
            await secrets.TakeAsync(http);
            return await typed.ShowAsync(http, () => next(context));
        }
        return http.Features.Get<SentForm>() is { } form
            ? await answers.OnceAsync(http, form, () => next(context)) : await next(context);
    }
}
