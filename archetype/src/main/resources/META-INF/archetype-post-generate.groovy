// Maven holds values to their rules where it asks for them, and lets everything pass in batch mode.
def rules = [
    [name: 'strategyId', rule: '@rule.strategyId@',
     say: 'lower-case words with hyphens between them, your own name first, such as acme-anchor, and no id of Engram\'s own'],
    [name: 'className', rule: '@rule.className@',
     say: 'what the classes begin with, such as AcmeAnchor'],
    [name: 'package', rule: '@rule.package@',
     say: 'a package of your own, such as com.acme.forgetting; dev.engram is Engram\'s'],
]
def folder = new File(request.outputDirectory, request.artifactId)
def wrong = rules
    .collect { it + [seen: it.name == 'package' ? request.getPackage() : request.properties[it.name]] }
    .findAll { !(it.seen ==~ it.rule) }
    .collect { "-D${it.name}=${it.seen} cannot be used: write ${it.say}." }
if (wrong) {
    throw new IllegalArgumentException("${wrong.join(' ')} Delete $folder, and generate anew.")
}
println "Next: cd $folder && mvn verify; README.md says what to change."
