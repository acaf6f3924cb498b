package main

import (
	"fmt"
	"net"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// rules translates policies for nftables. Traffic is seen at the forward hook, and at the input
// hook what goes to the node itself, such as to the API server; both after kube-proxy has put the
// address of an endpoint in the place of a Service's. The node's own traffic, such as probes, takes
// the output hook and is never filtered. Established connections outlive a policy.
type rules struct {
	pods     []*core.Pod
	policies []*networking.NetworkPolicy
	labelsOf func(namespace string) labels.Set
}

// A direction of traffic, as a pod sees it: which end of a packet is its own, which the other's.
type direction struct {
	name, self, far string
	kind            networking.PolicyType
}

var (
	ingress = direction{"ingress", "daddr", "saddr", networking.PolicyTypeIngress}
	egress  = direction{"egress", "saddr", "daddr", networking.PolicyTypeEgress}
)

const frame = `table ip pilothouse-policies
delete table ip pilothouse-policies
table ip pilothouse-policies {
%s%s	chain input {
		type filter hook input priority 10; policy accept;
		ct state established,related accept
		jump egress
	}
	chain forward {
		type filter hook forward priority 10; policy accept;
		ct state established,related accept
		jump egress
		jump ingress
	}
}
`

// table gives the whole table.
func (r *rules) table() string {
	return fmt.Sprintf(frame, r.chains(egress), r.chains(ingress))
}

// chains gives a chain for each pod that a policy isolates, and one that leads to them.
func (r *rules) chains(d direction) string {
	var own, jumps strings.Builder
	for _, pod := range r.pods {
		policies := r.isolating(pod, d)
		if len(policies) == 0 {
			continue
		}
		name := d.name + "-" + string(pod.UID)
		fmt.Fprintf(&jumps, "\t\tip %s %s jump %s\n", d.self, pod.Status.PodIP, name)
		fmt.Fprintf(&own, "\tchain %s {\n", name)
		for _, policy := range policies {
			own.WriteString(r.openings(policy, pod, d))
		}
		own.WriteString("\t\tdrop\n\t}\n")
	}
	return fmt.Sprintf("%s\tchain %s {\n%s\t}\n", own.String(), d.name, jumps.String())
}

func (r *rules) isolating(pod *core.Pod, d direction) []*networking.NetworkPolicy {
	var found []*networking.NetworkPolicy
	for _, policy := range r.policies {
		applies := policy.Namespace == pod.Namespace && slices.Contains(policy.Spec.PolicyTypes, d.kind)
		if applies && selects(&policy.Spec.PodSelector, pod.Labels) {
			found = append(found, policy)
		}
	}
	return found
}

// openings gives what a policy lets through to or from a pod.
func (r *rules) openings(policy *networking.NetworkPolicy, pod *core.Pod, d direction) string {
	var lines strings.Builder
	add := func(peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort, receivers []*core.Pod) {
		for _, peer := range r.peers(policy.Namespace, d.far, peers) {
			for _, port := range portMatches(ports, receivers) {
				fmt.Fprintf(&lines, "\t\t%s%sreturn comment \"%s\"\n", peer, port, fullName(policy))
			}
		}
	}
	if d == ingress {
		for _, rule := range policy.Spec.Ingress {
			add(rule.From, rule.Ports, []*core.Pod{pod})
		}
	} else {
		for _, rule := range policy.Spec.Egress {
			add(rule.To, rule.Ports, r.pods)
		}
	}
	return lines.String()
}

// peers gives matches of the far side: an empty one for anybody, none for nobody.
func (r *rules) peers(namespace, end string, peers []networking.NetworkPolicyPeer) []string {
	if len(peers) == 0 {
		return []string{""}
	}
	var matches, addresses []string
	for _, peer := range peers {
		if peer.IPBlock != nil {
			matches = append(matches, blockMatch(end, peer.IPBlock)...)
		} else {
			addresses = append(addresses, r.addresses(namespace, peer)...)
		}
	}
	if len(addresses) > 0 {
		matches = append(matches, fmt.Sprintf("ip %s { %s } ", end, strings.Join(addresses, ", ")))
	}
	return matches
}

// blockMatch gives the match of a block of addresses, none if it is not of IPv4.
func blockMatch(end string, block *networking.IPBlock) []string {
	if ip, _, err := net.ParseCIDR(block.CIDR); err != nil || ip.To4() == nil {
		return nil
	}
	match := fmt.Sprintf("ip %s %s ", end, block.CIDR)
	if len(block.Except) > 0 {
		match += fmt.Sprintf("ip %s != { %s } ", end, strings.Join(block.Except, ", "))
	}
	return []string{match}
}

func (r *rules) addresses(namespace string, peer networking.NetworkPolicyPeer) []string {
	var found []string
	for _, pod := range r.pods {
		here := pod.Namespace == namespace
		if peer.NamespaceSelector != nil {
			here = selects(peer.NamespaceSelector, r.labelsOf(pod.Namespace))
		}
		if here && (peer.PodSelector == nil || selects(peer.PodSelector, pod.Labels)) {
			found = append(found, pod.Status.PodIP)
		}
	}
	return found
}

// portMatches gives matches of protocol and port: an empty one for any.
func portMatches(ports []networking.NetworkPolicyPort, receivers []*core.Pod) []string {
	if len(ports) == 0 {
		return []string{""}
	}
	var matches []string
	for _, port := range ports {
		protocol := "tcp"
		if port.Protocol != nil {
			protocol = strings.ToLower(string(*port.Protocol))
		}
		switch {
		case port.Port == nil:
			matches = append(matches, fmt.Sprintf("meta l4proto %s ", protocol))
		case port.Port.StrVal != "":
			matches = append(matches, namedPort(port.Port.StrVal, protocol, receivers)...)
		case port.EndPort != nil:
			matches = append(matches, fmt.Sprintf("%s dport %d-%d ", protocol, port.Port.IntVal, *port.EndPort))
		default:
			matches = append(matches, fmt.Sprintf("%s dport %d ", protocol, port.Port.IntVal))
		}
	}
	return matches
}

// namedPort gives matches of what the receiving pods call by a name.
func namedPort(name, protocol string, receivers []*core.Pod) []string {
	var matches []string
	for _, pod := range receivers {
		for _, container := range pod.Spec.Containers {
			for _, port := range container.Ports {
				if port.Name == name && strings.EqualFold(string(port.Protocol), protocol) {
					match := fmt.Sprintf("ip daddr %s %s dport %d ", pod.Status.PodIP, protocol, port.ContainerPort)
					matches = append(matches, match)
				}
			}
		}
	}
	return matches
}

func selects(selector *meta.LabelSelector, of map[string]string) bool {
	compiled, err := meta.LabelSelectorAsSelector(selector)
	return err == nil && compiled.Matches(labels.Set(of))
}
