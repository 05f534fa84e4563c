using System.Text;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Dispatch;

/// <summary>
/// Which handlers a request meets, in which order, behind which filters: an upgrade of OpenIddict shows what it adds or moves.
/// </summary>
public sealed class HandlerListTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string FileName = "Handlers.txt", Source = "tests/TokenServer.Tests/Connect/Dispatch/" + FileName;

    private List<OpenIddictServerHandlerDescriptor> Handlers =>
        shared.Server.Get<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue.Handlers;

    [Fact]
    public void The_handlers_are_those_that_were_looked_at()
    {
        string known = Path.Combine(AppContext.BaseDirectory, "Connect", "Dispatch", FileName);
        string now = Path.ChangeExtension(known, ".now.txt");
        string[] before = File.ReadAllLines(known), after = Describe(Handlers);
        File.WriteAllLines(now, after);
        string[] difference = [.. after.Except(before).Select(l => "+ " + l), .. before.Except(after).Select(l => "- " + l)];
        before.SequenceEqual(after).Should().BeTrue(
            "the list of handlers has changed:\n{0}\nLook at each of them, and at {1}; to accept them all: cp {2} {3}",
            difference.Length > 0 ? string.Join('\n', difference) : "some run in another order", "Connect/Pipeline.cs", now, Source);
    }

    [Fact]
    public void No_handler_of_ours_has_the_same_place_as_another()
    {
        var ties = Handlers.GroupBy(h => (h.ContextType, h.Order)).Where(g => g.Count() > 1);
        ties.Where(g => g.Any(h => h.Type == OpenIddictServerHandlerType.Custom)).Select(g => string.Join(" and ", g.Select(Name))).Should().BeEmpty("how they are sorted would say which runs first");
    }

    // Each line says all of it, so that two lists can be compared by their lines.
    private static string[] Describe(IEnumerable<OpenIddictServerHandlerDescriptor> handlers) =>
    [
        .. from handler in handlers
           group handler by handler.ContextType.Name[..^"Context".Length] into context
           orderby context.Key
           from handler in context
           let filters = string.Join(", ", handler.FilterTypes.Select(f => f.Name.Replace("Require", "")))
           select $"{context.Key}: {Name(handler)}{(filters.Length > 0 ? " if " : "")}{filters}",
    ];

    // What is the same of all of OpenIddict's is left out; ours begin with TokenServer.
    private static string Name(OpenIddictServerHandlerDescriptor handler)
    {
        var type = handler.ServiceDescriptor.ServiceType;
        var name = new StringBuilder(type.IsGenericType ? type.GetGenericTypeDefinition().FullName : type.FullName);
        name.Replace("OpenIddict.Server.AspNetCore.OpenIddictServerAspNetCore", "Http.");
        name.Replace("OpenIddict.Server.OpenIddictServer", "").Replace("Handlers+", "").Replace('+', '.');
        return name.ToString().Split('`')[0];
    }
}
