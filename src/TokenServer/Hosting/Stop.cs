using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>The end of a server. A stop is what it was told to do: what fails or hangs on the way is a line in the log, and neither an exit
/// code nor a reason to stay.</summary>
internal static partial class Stop
{
    /// <summary>Waits until the server is told to stop, stops it and closes what it has open. At the end of
    /// <c>TokenServer:DrainDelay</c> and <c>TokenServer:ShutdownTimeout</c> it returns, whatever has not ended by then.</summary>
    public static async Task WhenToldAsync(WebApplication app)
    {
        var options = app.Services.GetRequiredService<TokenServerOptions>();
        using var logs = app.Services.GetRequiredService<ILoggerFactory>();
        var logger = logs.CreateLogger(typeof(Stop).FullName!);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (app.Lifetime.ApplicationStopping.Register(told.SetResult)) await told.Task;
        try
        {
            await Task.Run(() => EndAsync(app, logger)).WaitAsync(options.DrainDelay + options.ShutdownTimeout);
        }
        catch (TimeoutException)
        {
            Log.CutOff(logger);
        }
    }

    private static async Task EndAsync(WebApplication app, ILogger logger)
    {
        foreach (var step in (Func<Task>[])[() => app.StopAsync(), () => app.DisposeAsync().AsTask()])
        {
            try
            {
                await step();
            }
            catch (Exception e)
            {
                Log.Failed(logger, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Something failed while the server stopped")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(Level = LogLevel.Warning, Message = "What had not ended at the end of TokenServer:ShutdownTimeout was cut off")]
        public static partial void CutOff(ILogger logger);
    }
}
