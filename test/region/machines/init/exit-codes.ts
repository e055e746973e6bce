// How the small init tells the region what an instance wants after its end; any other code than
// these, and 0, is a crash of the init and treated as a power off.

export const exitCodeReboot = 133;
