using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using TokenServer.Hosting;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Dispatch;

/// <summary>
/// The dispatcher keeps handlers and filters for good: they are singletons, hang on nothing of one request, and keep nothing of one.
/// </summary>
public sealed partial class LifetimeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private const byte StoreField = 0x7D;

    private IEnumerable<Type> Kept => shared.Server.Get<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue.Handlers
        .SelectMany(h => h.FilterTypes.Prepend(h.ServiceDescriptor.ServiceType)).Distinct();

    [Fact]
    public async Task Every_handler_and_filter_is_a_singleton_and_hangs_on_nothing_scoped()
    {
        var walk = new Walk(await RegistrationsAsync(), shared.Server.Get<IServiceProvider>());
        foreach (var type in Kept) walk.Begin(type);
        walk.Problems.Should().BeEmpty();
        walk.Seen.Should().BeGreaterThan(300, "what they hang on was walked");
    }

    [Fact]
    public void No_handler_or_filter_of_ours_changes_a_field()
    {
        Type[] ours = [.. Kept.Where(t => t.Assembly == typeof(ServerHost).Assembly)];
        ours.Should().HaveCountGreaterThan(20);
        ours.SelectMany(Lines).Distinct().SelectMany(type => type.GetFields(Declared).Where(f => IsMutable(type, f)))
            .Select(f => $"{f.DeclaringType!.Name}.{f.Name}").Should().BeEmpty("many requests use it at once");
    }

    private async Task<IServiceCollection> RegistrationsAsync()
    {
        IServiceCollection? registered = null;
        string[] settings = [$"--TokenServer:DataDirectory={shared.Server.Folder}"];
        await using var parts = ServerHost.BuildParts(settings, builder => registered = builder.Services);
        return registered!;
    }

    private static IEnumerable<Type> Lines(Type type)
    {
        for (var line = type; line is not null && line.Assembly == type.Assembly; line = line.BaseType)
            yield return line.IsGenericType ? line.GetGenericTypeDefinition() : line;
    }

    // A parameter that a primary constructor captured is a field that nobody declared; it must not be assigned.
    private static bool IsMutable(Type type, FieldInfo field) =>
        !field.IsInitOnly && (!CapturedParameter().IsMatch(field.Name) || type.GetNestedTypes(BindingFlags.NonPublic).Prepend(type)
            .SelectMany(t => t.GetMethods(Declared | BindingFlags.Static)).Any(m => Assigns(m, field)));

    private static bool Assigns(MethodInfo method, FieldInfo field)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [], store = [StoreField, .. BitConverter.GetBytes(field.MetadataToken)];
        return code.AsSpan().IndexOf(store) >= 0;
    }

    [GeneratedRegex(@"^<\w+>P$")]
    private static partial Regex CapturedParameter();

    /// <summary>Follows what a service is made of through the container's registrations.</summary>
    private sealed class Walk(IServiceCollection registered, IServiceProvider running)
    {
        private readonly HashSet<Type> seen = [];

        public List<string> Problems { get; } = [];
        public int Seen => seen.Count;

        /// <summary>Walks from what is kept itself, which has to be a singleton.</summary>
        public void Begin(Type kept)
        {
            if (Of(kept).LastOrDefault() is not { Lifetime: ServiceLifetime.Singleton }) Problems.Add($"{kept} is no singleton");
            Visit(kept, kept.Name);
        }

        private void Visit(Type service, string path)
        {
            if (!seen.Add(service)) return;
            if (service.IsGenericType && service.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            {
                foreach (var one in Of(service.GetGenericArguments()[0])) Visit(service.GetGenericArguments()[0], one, path);
            }
            else if (Of(service).LastOrDefault() is { } registration) Visit(service, registration, path);
        }

        private void Visit(Type service, ServiceDescriptor registration, string path)
        {
            if (registration.Lifetime == ServiceLifetime.Scoped) Problems.Add($"{path} is scoped");
            else if (registration.ImplementationInstance is null && Made(service, registration) is { } made)
            {
                var parameters = made.GetConstructors().SelectMany(c => c.GetParameters()).Select(p => p.ParameterType).Distinct();
                foreach (var parameter in parameters) Visit(parameter, $"{path} → {parameter.Name}");
            }
        }

        // What a factory makes is seen of the one that was made.
        private Type? Made(Type service, ServiceDescriptor registration) => registration.ImplementationType switch
        {
            { IsGenericTypeDefinition: true } open => open.MakeGenericType(service.GetGenericArguments()),
            { } type => type,
            null => running.GetService(service)?.GetType(),
        };

        private IEnumerable<ServiceDescriptor> Of(Type service) => registered.Where(r => !r.IsKeyedService
            && (r.ServiceType == service || (service.IsGenericType && r.ServiceType == service.GetGenericTypeDefinition())));
    }
}
