using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>The limits of the install lifecycle are those of all replicas together (contract section 5).</summary>
[Collection(ReplicaCollection.Name)]
public sealed class LimitTests(SharedReplicas shared)
{
    private const int AtOnce = 24, CodesOfAnAddress = 3, ActivationsOfAMachine = 5;

    [PostgresFact]
    public async Task Of_simultaneous_requests_for_codes_from_one_address_three_are_served()
    {
        string address = Caller.NewAddress();
        var browsers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => Browser(i, address).OpenPageAsync()));
        var answers = await Task.WhenAll(browsers.Select(b => b.DoAsync(Installation.Issue)));
        ShouldServe(answers, CodesOfAnAddress, 201);
    }

    [PostgresFact]
    public async Task Of_simultaneous_activations_of_one_machine_five_are_served()
    {
        var machine = new Installation(shared.Set[0].Http);
        var installs = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i =>
        {
            var install = Browser(i, Caller.NewAddress());
            install.MachineId = machine.MachineId;
            return install.UpToAsync(Installation.Precheck);
        }));
        var answers = await Task.WhenAll(installs.Select(i => i.DoAsync(Installation.Activate)));
        ShouldServe(answers, ActivationsOfAMachine, 200);
    }

    // Every browser is another one, so that no other limit is met.
    private Installation Browser(int number, string address) =>
        new(shared.Set.Connect()[number % ReplicaProcesses.Count], ("X-Forwarded-For", address), ("User-Agent", $"browser {number}"));

    private static void ShouldServe(Answer[] answers, int most, int status)
    {
        answers.Count(a => a.Status == status).Should().Be(most, string.Join('\n', answers.Select(a => a.Body).Distinct()));
        foreach (var refused in answers.Where(a => a.Status != status)) refused.ShouldRefuse(429, "rate_limit_exceeded");
    }
}
