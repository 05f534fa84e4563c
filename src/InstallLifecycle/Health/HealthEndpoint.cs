using Microsoft.Extensions.Logging;

namespace InstallLifecycle.Health;

/// <summary>GET /api/v2/healthz: whether the database answers.</summary>
internal static partial class HealthEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v2/healthz", AnswerAsync);

    private static Task AnswerAsync(HttpContext context, IInstallStorage storage, ILoggerFactory logs)
    {
        try
        {
            storage.Read(db => db.Keys.Any());
        }
        catch (Exception e)
        {
            // Whatever keeps it from answering: that it does not is what is asked here.
            Log.Unavailable(logs.CreateLogger(typeof(HealthEndpoint)), e);
            return Envelope.WriteAsync(context, InstallError.Unavailable);
        }
        return Envelope.WriteAsync(context, StatusCodes.Status200OK, new HealthStatus("ok"), InstallJson.Wire.HealthStatus, "OK");
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The database does not answer")]
        public static partial void Unavailable(ILogger logger, Exception exception);
    }
}

/// <summary>The server's health.</summary>
internal sealed record HealthStatus(string Status);
