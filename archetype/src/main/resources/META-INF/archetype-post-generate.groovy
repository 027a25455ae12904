// Maven holds values to their rules where it asks for them, and lets everything pass in batch mode.
def rules = [
    [name: 'strategyId', rule: '@rule.strategyId@',
     say: 'lower-case words with hyphens between them, your own name first, such as acme-anchor, and no id of Engram\'s own'],
    [name: 'className', rule: '@rule.className@',
     say: 'what the classes begin with, such as AcmeAnchor'],
    [name: 'package', rule: '@rule.package@',
     say: 'a package of your own, such as com.acme.forgetting; dev.engram is Engram\'s'],
    [name: 'kind', rule: '@rule.kind@',
     say: 'guard, or importance for a strategy that says how much each weight matters'],
]
def folder = new File(request.outputDirectory, request.artifactId)
def broken = rules
    .collect { it + [seen: it.name == 'package' ? request.getPackage() : request.properties[it.name]] }
    .findAll { !(it.seen ==~ it.rule) }
// The classes are called after a wrong id: it is that which is to be mended.
def wrong = broken
    .findAll { it.name != 'className' || !broken.any { one -> one.name == 'strategyId' } }
    .collect { "-D${it.name}=${it.seen} cannot be used: write ${it.say}." }
if (wrong) {
    throw new IllegalArgumentException("${wrong.join(' ')} Delete $folder, and generate anew.")
}
// What only the other kind has was generated, too.
def other = request.properties.kind == 'guard'
    ? ["main/java/*Importance.java", "test/java/*ImportanceContractTest.java"] : ["main/java/*Guard.java"]
def name = request.properties.className
def path = request.getPackage().replace('.', '/')
other.each { new File(folder, "src/" + it.replace('*', "$path/$name")).delete() }
println "Next: cd $folder && mvn verify; README.md says what to change."
