using System.CommandLine;
using TokenServer.Accounts.Pins;
using TokenServer.Foundation.Precis;

namespace TokenServer.Commands;

/// <summary><c>TokenServer pin set</c> (contract section 6):
/// reads the PIN from standard input and writes its hash to <c>Pin:HashFile</c>.</summary>
internal static class PinCommand
{
    public static Command Create()
    {
        var command = new Command("pin", "Set the PIN of the PIN gate");
        command.Subcommands.Add(
            CommandLine.Make("set", "Set the PIN, read from standard input; it counts from the next attempt on", async (_, services) =>
            {
                if (SecretInput.Read("PIN: ") is not { Length: > 0 and <= PinFile.LongestPin } pin || OpaqueString.Prepare(pin) is null)
                    return await CommandLine.FailAsync(
                        $"a PIN of 1 to {PinFile.LongestPin} characters, none of them a control character, is expected on standard input");
                await services.GetRequiredService<PinFile>().SetAsync(pin, CommandLine.Actor);
                Console.WriteLine("the PIN is set");
                return CommandLine.Done;
            }));
        return command;
    }
}
