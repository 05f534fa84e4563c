using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Web.Console.Clients;
using TokenServer.Web.Console.Installs;
using TokenServer.Web.Console.Keys;
using TokenServer.Web.Console.Sessions;
using TokenServer.Web.Console.Users;

namespace TokenServer.Web.Console.Audit;

/// <summary>Where the console shows who or what an audit entry names.</summary>
internal static class Subject
{
    /// <summary>The page of the target; null where there is none.</summary>
    public static string? PageOf(AuditEvent said) => said.Target is not { } target ? null : said.Event.Split('.')[0] switch
    {
        "account" or "second_factor" or "sign_in" => UserPage(target),
        "client" => ClientEndpoints.PathOf(target),
        "session" => said.Event == "session.others_ended" ? UserPage(target) : $"{SessionEndpoints.Path}/{Uri.EscapeDataString(target)}",
        "refresh_token" => $"{SessionEndpoints.Path}/{Uri.EscapeDataString(target)}",
        "tunnel" or "api_key" => said.Actor is { } actor ? UserPage(actor) : null,
        "install_code" or "install" => InstallEndpoints.Path,
        "activation" => InstallEndpoints.Activations,
        "server" => ServerEndpoints.Path,
        "key" or "install_key" => KeyEndpoints.Path,
        _ => null,
    };

    /// <summary>The page of who did it; null where that is nobody with a page.</summary>
    public static string? PageOfActor(string actor, ClientRegistry clients) =>
        UserPage(actor) ?? (clients.FindAt(actor) is { } client ? ClientEndpoints.PathOf(client.ClientId) : null);

    private static string? UserPage(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? UserEndpoints.PathOf(id) : null;
}
