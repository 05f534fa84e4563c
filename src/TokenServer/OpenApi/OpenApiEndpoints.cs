using System.Xml;
using InstallLifecycle.Codes.Page;
using Microsoft.Net.Http.Headers;
using TokenServer.Foundation;
using TokenServer.OpenApi.Page;

namespace TokenServer.OpenApi;

/// <summary>GET /openapi/v1.json: the document; GET /openapi: the same as a page. Both are for everybody.</summary>
internal sealed class OpenApiEndpoints(OpenApiDocument document, Issuer issuer)
{
    /// <summary>What is looked for has so many characters at most; longer ones find all.</summary>
    public const int LongestQuestion = 100;

    private const int MostWords = 8;
    private const string ForAnHour = "public, max-age=3600", StylePath = "/openapi/page.css";
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    private static readonly EmbeddedFile Style = EmbeddedFile.Find(typeof(OpenApiEndpoints).Assembly,
        "openapi/page.css", "text/css; charset=utf-8") ?? throw new InvalidOperationException("page.css is not embedded");
    private readonly Lazy<DescriptionPage> pages = new(() => new(document.Root, $"{StylePath}?v={Style.Version}"));
    private byte[]? whole;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<OpenApiEndpoints>();
        routes.MapGet("/openapi/v1.json", (RequestDelegate)endpoints.DocumentAsync);
        routes.MapGet("/openapi", (RequestDelegate)endpoints.PageAsync);
        routes.MapGet(StylePath, (RequestDelegate)StyleAsync);
    }

    private Task DocumentAsync(HttpContext context) =>
        WriteAsync(context, document.Of(issuer.Of(context.Request).TrimEnd('/')), Json.ContentType);

    private Task PageAsync(HttpContext context)
    {
        Protect(context.Response);
        string[] words = Words(context.Request.Query["q"].ToString());
        byte[] page = words.Length > 0 ? Encoding.UTF8.GetBytes(pages.Value.Of(words)) : whole ??= Encoding.UTF8.GetBytes(pages.Value.Of());
        return WriteAsync(context, page, "text/html; charset=utf-8");
    }

    // What XML cannot hold is nowhere in the document, either.
    private static string[] Words(string question) => question.Length > LongestQuestion || !question.All(XmlConvert.IsXmlChar) ? []
        : [.. question.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MostWords)];

    private static Task StyleAsync(HttpContext context)
    {
        Protect(context.Response);
        return Style.WriteAsync(context);
    }

    // Answers 304 to who has it already.
    private static Task WriteAsync(HttpContext context, byte[] content, string contentType)
    {
        context.Response.Headers.CacheControl = ForAnHour;
        string version = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        return Results.Bytes(content, contentType, entityTag: new EntityTagHeaderValue($"\"{version}\"")).ExecuteAsync(context);
    }

    // As every page, and without any script.
    private static void Protect(HttpResponse response)
    {
        PageHeaders.Protect(response);
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
    }
}
