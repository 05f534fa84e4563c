using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>The headers of every answer, whoever writes it (contract section 0): no guessing at media types, over HTTPS in Production
/// no way back to HTTP (RFC 6797), and that it differs by origin where CORS applies. Nothing is allocated for them.</summary>
internal sealed class AnswerHeaders(TokenServerOptions options, IHostEnvironment environment)
{
    private const string AYear = "max-age=31536000";
    private readonly bool isStrict = options.Hsts && !environment.IsDevelopment();
    private readonly bool hasOrigins = options.AllowedOrigins.Length > 0;

    public void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        if (isStrict && context.Request.IsHttps) headers.StrictTransportSecurity = AYear;
        if (hasOrigins && AllowedOrigins.ApplyTo(context.Request.Path)) headers.Vary = "Origin";
    }
}
