using TokenServer.Commands;

return await CommandLine.RunAsync(args);
