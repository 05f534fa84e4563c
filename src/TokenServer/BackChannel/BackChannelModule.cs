using Quartz;
using TokenServer.Foundation;

namespace TokenServer.BackChannel;

/// <summary>Back-channel logout (OpenID Connect Back-Channel Logout 1.0): tells clients that sessions have ended.</summary>
internal static class BackChannelModule
{
    public static IServiceCollection AddBackChannelLogout(this IServiceCollection services)
    {
        services.AddSettings<BackChannelLogoutOptions>("BackChannelLogout")
            .AddSingleton<LogoutReceivers>().AddSingleton<LogoutTokens>().AddSingleton<LogoutQueue>().AddSingleton<LogoutParts>()
            .AddSingleton<LogoutSender>().AddSingleton<LogoutList>()
            .AddHostedService<LogoutGauges>().AddHostedService<LogoutDispatch>();
        return services.AddQuartz(quartz => quartz.ScheduleJob<SendLogoutsJob>(trigger => trigger.WithIdentity("send logouts")
            .StartAt(TimeProvider.System.GetUtcNow().AddMinutes(1)).WithSimpleSchedule(every => every.WithInterval(TimeSpan.FromMinutes(1))
            .RepeatForever()), job => job.RequestRecovery()));
    }
}
