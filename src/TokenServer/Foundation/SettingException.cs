namespace TokenServer.Foundation;

/// <summary>A setting makes no sense or names something that cannot be used;
/// it stops the start with a message that names the setting.</summary>
/// <param name="setting">The setting's full name, for example <c>TokenServer:Issuer</c>, or a command's option.</param>
/// <param name="problem">What is wrong with it.</param>
/// <param name="cause">The exception that showed it, if one did.</param>
internal sealed class SettingException(string setting, string problem, Exception? cause = null)
    : Exception($"{(setting.StartsWith("--", StringComparison.Ordinal) ? "Option" : "Setting")} {setting}: {problem}", cause);
