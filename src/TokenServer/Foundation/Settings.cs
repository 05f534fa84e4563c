using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace TokenServer.Foundation;

/// <summary>Binds a section of the settings to its options,
/// and stops the start with the setting's full name where one makes no sense.</summary>
internal static class Settings
{
    /// <summary>Adds <typeparamref name="T"/>, bound to <paramref name="section"/> and validated at the start;
    /// inject it as it is.</summary>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services, string section) where T : class
    {
        services.AddSingleton(new SettingsSection(section, typeof(T)));
        services.AddOptions<T>().BindConfiguration(section, o => o.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<T>>(new Validation<T>(section));
        return services.AddSingleton(provider => provider.GetRequiredService<IOptions<T>>().Value);
    }

    private sealed class Validation<T>(string section) : IValidateOptions<T> where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var problems = Problems(options, section).ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }

        private static IEnumerable<string> Problems(object options, string path)
        {
            var results = new List<ValidationResult>();
            Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
            foreach (var result in results)
                yield return $"Setting {path}:{result.MemberNames.FirstOrDefault()}: {result.ErrorMessage}";
            foreach (var property in options.GetType()
                .GetProperties().Where(p => p.PropertyType.Namespace?.StartsWith(nameof(TokenServer), StringComparison.Ordinal) == true))
                if (property.GetValue(options) is { } inner)
                    foreach (string problem in Problems(inner, $"{path}:{property.Name}")) yield return problem;
        }
    }
}
